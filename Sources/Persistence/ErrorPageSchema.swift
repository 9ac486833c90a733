// The column of listeners' own error pages.

extension LoadBalancingSchema {
    /// Pages that owners give to listeners: a JSON object of status codes and texts.
    static let errorPages = Migration(
        "0004-listener-error-pages",
        ["ALTER TABLE listener ADD COLUMN error_pages TEXT NOT NULL DEFAULT '{}'"])
}

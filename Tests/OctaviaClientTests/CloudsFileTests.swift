// Descriptions of clouds that lack something or are wrong.

internal import OctaviaClient
internal import TestSupport
internal import Testing

struct CloudsFileTests {
    private func load(
        _ files: [String: String], cloud: String? = nil, region: String? = nil
    ) throws -> CloudConfiguration {
        try CloudsFileVariant("", files: files, cloud: cloud, region: region).load()
    }

    private func message(_ body: () throws -> CloudConfiguration) -> String {
        do {
            let configuration = try body()
            return "no error, but \(configuration)"
        } catch {
            return "\(error)"
        }
    }

    @Test func whatIsMissingOrWrongIsNamed() {
        #expect(message { try load([:]) }.contains("no cloud is configured"))
        #expect(message { try load([:], cloud: "x") }.contains("cloud 'x' is not known"))
        let files = ["clouds.yaml": CloudsFileVariant.simple]
        #expect(message { try load(files) }.contains("one, two"))
        #expect(message { try load(files, cloud: "three") }.contains("has: one, two"))
        #expect(message { try load(files, cloud: "one", region: "R2") }.contains("has no region 'R2', but R1"))
        #expect(message { try load(["clouds.yaml": "clouds: [1"]) }.contains("is not YAML"))
        #expect(message { try load(["clouds.yaml": "- a"]) }.contains("mapping"))
        for (keys, reason) in [
            ("auth: {username: u, password: p}", "auth_url is missing"),
            ("auth: {auth_url: example.com, username: u, password: p}", "no http or https URL"),
            ("auth: {auth_url: http://h, password: p}", "username or user_id is missing"),
            ("auth: {auth_url: http://h, username: u}", "password is missing"),
            ("auth: {auth_url: http://h, username: u, password: p}\n    interface: outside", "interface 'outside'"),
            ("auth: {auth_url: http://h, username: u, password: p}\n    verify: maybe", "verify 'maybe'"),
            ("auth: {auth_url: http://h}\n    auth_type: v3oidcpassword", "auth_type 'v3oidcpassword'"),
            ("auth: {username: u, password: p}\n    profile: nowhere", "profile 'nowhere'"),
            ("auth: {username: u, password: p}\n    profile: https://a.example", "https://a.example/.well-known"),
            (
                "auth_type: v3password\n    auth: {auth_url: http://h, username: u, password: p}",
                "needs user_domain_id or user_domain_name"
            ),
            (
                "auth_type: v3applicationcredential\n    auth: {auth_url: http://h, application_credential_name: a, "
                    + "application_credential_secret: s}", "name needs username or user_id"
            ),
            (
                "auth: {auth_url: http://h, username: u, password: p}\n    network_interface: outside",
                "network_interface 'outside'"
            ),
            ("auth: {auth_url: http://h, username: u, password: p}\n    key: k.pem", "key needs cert"),
            ("auth: {auth_url: http://h, username: u, password: p}\n    api_timeout: soon", "api_timeout 'soon'"),
        ] {
            let text = message { try load(["clouds.yaml": "clouds:\n  c:\n    \(keys)\n"]) }
            #expect(text.contains(reason) && !text.contains("\n"), "\(text)")
        }
    }

    @Test func certificatesThatCannotBeReadAreNamed() throws {
        var configuration = try load(["clouds.yaml": CloudsFileVariant.simple], cloud: "one")
        configuration.tls.authoritiesFile = "/nowhere/ca.pem"
        #expect(throws: CloudError.self) { try Cloud(configuration) }
        configuration.tls = TLSSettings(certificateFile: "/dev/null")
        #expect(throws: CloudError.self) { try Cloud(configuration) }
    }
}

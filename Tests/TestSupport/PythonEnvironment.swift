// Packages from PyPI, in a virtual environment of the tests.

/// A virtual environment below the package's build folder, which later runs use again.
public struct PythonEnvironment: Sendable {
    let packages: [String]
    public let folder: String

    public init(_ name: String, packages: [String]) {
        self.packages = packages
        folder = "\(Files.packageRoot).build/\(name)"
    }

    public var python: String { "\(folder)/bin/python3" }
    private var marker: String { "\(folder)/installed" }

    /// Installs the packages if that was not done before, and says loudly when it cannot.
    public func install() async -> Bool {
        if Files.text(marker) == "\(packages)\n" { return true }
        do {
            guard let python = Files.program("python3") else {
                throw CannotStart(description: "there is no python3 in PATH")
            }
            print("Installing \(packages.joined(separator: " and ")) from PyPI …")
            try? Files.remove(folder)
            for (program, arguments) in [
                (python, ["-m", "venv", folder]),
                (
                    "\(folder)/bin/pip",
                    ["install", "--quiet", "--no-input", "--disable-pip-version-check"] + packages
                ),
            ] {
                let result = try await ChildProcess.run(program, arguments, within: .seconds(300))
                guard result.status == 0 else {
                    throw CannotStart(description: "\(program): \(result.errors.suffix(1_000))")
                }
            }
            try Files.write("\(packages)\n", to: marker)
            return true
        } catch {
            print("*** NOT TESTED: \(packages.joined(separator: ", ")) cannot be installed: \(error) ***")
            return false
        }
    }
}

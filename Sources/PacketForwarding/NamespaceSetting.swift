// Kernel settings of a network namespace.

import Glibc
import ProviderDrivers
import Subprocess

/// Settings under /proc/sys/net, which each namespace has for itself.
enum NamespaceSetting {
    /// Sets one, such as `ipv4/ip_forward`.
    static func set(_ key: String, to value: String, in namespace: String) async throws(DataPlaneError) {
        let outcome: String?
        do {
            let result = try await ProgramInput.with(value) { file in
                try await Subprocess.run(
                    .name("ip"),
                    arguments: ["netns", "exec", namespace, "tee", "/proc/sys/net/\(key)"],
                    environment: .custom(["PATH": "/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin"]),
                    input: .fileDescriptor(file, closeAfterSpawningProcess: false), output: .discarded,
                    error: .string(limit: 4_096))
            }
            outcome = result.terminationStatus.isSuccess ? nil : "\(result.terminationStatus): \(result.standardError)"
        } catch {
            outcome = "\(error)"
        }
        if let outcome {
            throw DataPlaneError(.node, "A kernel setting could not be made.", detail: "\(key): \(outcome)")
        }
    }
}

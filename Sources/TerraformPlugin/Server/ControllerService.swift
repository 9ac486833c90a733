// How Terraform ends a plugin.

internal import GRPCCore
internal import Synchronization
internal import TerraformPluginProtocol

/// go-plugin's controller. Without it Terraform would wait two seconds for each plugin, and kill it then.
final class ControllerService: Plugin_GRPCController.SimpleServiceProtocol {
    private let end = Mutex<(@Sendable () -> Void)?>(nil)

    /// - Parameter end: Is called when Terraform asks the plugin to end.
    func onShutdown(_ end: @escaping @Sendable () -> Void) { self.end.withLock { $0 = end } }

    func shutdown(request: Plugin_Empty, context: ServerContext) async throws -> Plugin_Empty {
        end.withLock { $0 }?()
        return .init()
    }
}

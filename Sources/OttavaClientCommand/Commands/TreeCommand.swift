// `ottava loadbalancer tree`: everything below a load balancer with statuses and causes.

internal import ArgumentParser
internal import Glibc
internal import LoadBalancerDocuments
internal import OctaviaClient

struct TreeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tree", abstract: "Shows a load balancer and everything below it, with statuses and causes.")
    @Argument(help: "Name or id.") var loadbalancer: String
    @OptionGroup(title: "Cloud") var cloud: CloudOptions

    func run() async throws {
        try await cloud.with { cloud in
            let tree = try await cloud.tree(of: cloud.loadBalancers.find(loadbalancer).id)
            print(TreeDrawing(isColored: Terminal.hasColors).text(tree))
        }
    }
}

enum Terminal {
    /// Whether standard output is a terminal whose user has not asked for no colours (no-color.org).
    static var hasColors: Bool { isatty(STDOUT_FILENO) == 1 && (getenv("NO_COLOR").map { $0[0] == 0 } ?? true) }
}

/// Draws a tree with lines.
struct TreeDrawing {
    var isColored: Bool

    private struct Node {
        var text: String
        var children: [Node] = []
    }

    func text(_ tree: LoadBalancerTree) -> String {
        let loadBalancer = tree.loadBalancer
        var shown: Set<ResourceID> = []
        var root = Node(text: line("load balancer", loadBalancer, loadBalancer.vipAddress ?? "no address"))
        for branch in tree.listeners {
            let listener = branch.listener
            var node = Node(
                text: line("listener", listener, "\(listener.listenerProtocol.rawValue) :\(listener.protocolPort)"))
            for policy in branch.l7Policies {
                let target = policy.l7Policy.redirectPoolID.flatMap { tree.pool($0)?.pool.name }
                let goal = policy.l7Policy.redirectURL ?? policy.l7Policy.redirectPrefix ?? target
                let action = policy.l7Policy.action.rawValue + (goal.map { " → \($0)" } ?? "")
                node.children.append(
                    Node(
                        text: line("L7 policy", policy.l7Policy, action),
                        children: policy.rules.map { rule in
                            let key = rule.ruleKey.map { " \($0)" } ?? ""
                            let condition = "\(rule.type.rawValue)\(key) \(rule.compareType.rawValue) \(rule.value)"
                            return Node(text: line("rule", rule, (rule.invert ? "not " : "") + condition))
                        }))
            }
            if let id = listener.defaultPoolID, let pool = tree.pool(id) {
                shown.insert(id)
                node.children.append(self.node(pool))
            }
            root.children.append(node)
        }
        for pool in tree.pools where !shown.contains(pool.pool.id) { root.children.append(node(pool)) }
        return draw(root, first: "", rest: "").joined(separator: "\n")
    }

    private func node(_ branch: LoadBalancerTree.PoolBranch) -> Node {
        let pool = branch.pool
        var node = Node(text: line("pool", pool, "\(pool.poolProtocol.rawValue) \(pool.algorithm.rawValue)"))
        if let monitor = branch.healthMonitor {
            let detail = "\(monitor.type.rawValue) every \(monitor.delay) s"
            node.children.append(Node(text: line("monitor", monitor, detail)))
        }
        for member in branch.members {
            let weight = member.weight.map { $0 == 1 ? "" : " weight \($0)" } ?? ""
            node.children.append(
                Node(text: line("member", member, "\(member.address):\(member.protocolPort)\(weight)")))
        }
        return node
    }

    private func line(_ kind: String, _ object: some TreeMember, _ detail: String) -> String {
        let name = object.name.isEmpty ? String(object.id.string.prefix(8)) : Cell.printable(object.name)
        var text = "\(kind) \(bold(name))  \(Cell.printable(detail))"
        if object.provisioningStatus != .active { text += "  " + colored(object.provisioningStatus.rawValue) }
        text += "  " + colored(object.operatingStatus.rawValue)
        if !object.isEnabled { text += "  switched off" }
        if let reason = object.statusReason { text += "\n" + Cell.printable(reason) }
        return text
    }

    private func bold(_ text: String) -> String { isColored ? "\u{1B}[1m\(text)\u{1B}[0m" : text }

    private func colored(_ status: String) -> String {
        guard isColored else { return status }
        let color =
            switch status {
            case "ONLINE", "ACTIVE": 32
            case "ERROR": 31
            case "OFFLINE", "NO_MONITOR": 90
            default: 33
            }
        return "\u{1B}[\(color)m\(status)\u{1B}[0m"
    }

    private func draw(_ node: Node, first: String, rest: String) -> [String] {
        let texts = node.text.split(separator: "\n").map(String.init)
        var lines = texts.enumerated().map {
            ($0.offset == 0 ? first : rest + (node.children.isEmpty ? "    " : "│   ")) + $0.element
        }
        for (index, child) in node.children.enumerated() {
            let isLast = index == node.children.count - 1
            lines += draw(child, first: rest + (isLast ? "└─ " : "├─ "), rest: rest + (isLast ? "   " : "│  "))
        }
        return lines
    }
}

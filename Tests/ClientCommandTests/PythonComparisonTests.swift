// The same commands for `openstack` and `ottava` on the same server: the same columns with the same values.

internal import JSON
internal import TestSupport
internal import Testing

extension ClientCommandTests {
    @Suite(
        .server,
        .enabled("python-openstackclient and python-octaviaclient must be installable") {
            await PythonClients.install()
        })
    struct PythonComparisonTests {
        @Test func listsAndObjectsAreTheSame() async throws {
            let server = try #require(ServerProcess.current)
            for line in [
                "loadbalancer create --name lb --vip-subnet-id private-subnet --vip-address \(VirtualAddresses.next()) --tag t --wait",
                "loadbalancer listener create --name l --protocol HTTP --protocol-port \(Ports.free()) --insert-headers X-Forwarded-For=true --allowed-cidr 127.0.0.0/8 --wait lb",
                "loadbalancer pool create --name p --protocol HTTP --lb-algorithm ROUND_ROBIN --listener l --session-persistence type=HTTP_COOKIE --wait",
                "loadbalancer member create p --name m --address 127.0.0.1 --protocol-port 9001 --wait",
                "loadbalancer healthmonitor create p --name h --delay 5 --timeout 2 --max-retries 1 --type TCP --wait",
                "loadbalancer l7policy create l --name x --action REJECT --wait",
                "loadbalancer l7rule create x --type PATH --compare-type STARTS_WITH --value /a --wait",
            ] { _ = try await succeed(line) }
            let commands = [
                "loadbalancer list", "loadbalancer show lb", "loadbalancer stats show lb", "loadbalancer listener list",
                "loadbalancer listener show l", "loadbalancer listener stats show l", "loadbalancer pool list",
                "loadbalancer pool show p", "loadbalancer member list p", "loadbalancer member show p m",
                "loadbalancer healthmonitor list", "loadbalancer healthmonitor show h", "loadbalancer l7policy list",
                "loadbalancer l7policy show x", "loadbalancer l7rule list x", "loadbalancer provider list",
                "loadbalancer quota show", "loadbalancer flavor list", "loadbalancer availabilityzone list",
            ]
            var environment = PythonClients.environment(of: server, cloud: "ottava")
            environment["COLUMNS"] = "2000"
            // They want a project with quotas; ours has one by default.
            let project = try server.demo().projectID
            let theirs = try await PythonClients.run(
                commands: commands.map { ($0.hasSuffix("quota show") ? "\($0) \(project)" : $0) + " -f json" },
                environment: environment)
            try #require(theirs.documents.count == commands.count, "\(theirs.errors)\n\(theirs.output)")
            for (command, expected) in zip(commands, theirs.documents) {
                let ours = try await succeed("\(command) -f json").json
                if let expected = expected.array {
                    #expect(ours.array?.count == expected.count, "\(command)")
                    for (left, right) in zip(ours.array ?? [], expected) { compare(left, right, command) }
                } else {
                    compare(ours, expected, command)
                }
            }
            // The same lines in the same order for people, too.
            for command in ["loadbalancer list", "loadbalancer pool list", "loadbalancer stats show lb"] {
                let theirs = try await PythonClients.run(
                    command.split(separator: " ").map(String.init), environment: environment)
                #expect(try await succeed(command).output == theirs.output, "\(command)")
            }
            _ = try await succeed("loadbalancer delete lb --cascade --wait")
        }

        private func compare(_ ours: JSONValue, _ theirs: JSONValue, _ command: String) {
            let left = ours.object ?? [:]
            let right = theirs.object ?? [:]
            #expect(left.keys.sorted() == right.keys.sorted(), "\(command)")
            for (key, value) in right {
                #expect(left[key] == value, "\(command): \(key) is \(left[key] ?? .null), there \(value)")
            }
        }
    }
}

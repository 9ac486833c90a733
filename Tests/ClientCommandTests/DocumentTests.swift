// Whole load balancers as documents.

internal import JSON
internal import TestSupport
internal import Testing

extension ClientCommandTests {
    @Suite(.server)
    struct DocumentTests {
        private func text(_ port: Int, _ address: String) -> String {
            """
            name: doc
            description: "from a document"
            vip_subnet_id: private-subnet
            vip_address: \(address)
            listeners:
            - name: http
              protocol: HTTP
              protocol_port: \(port)
              connection_limit: 1000
              default_pool: main
              l7policies:
              - name: private
                action: REDIRECT_TO_POOL
                redirect_pool: other
                rules:
                - type: PATH
                  compare_type: STARTS_WITH
                  value: /private
            pools:
            - name: main
              protocol: HTTP
              lb_algorithm: ROUND_ROBIN
              healthmonitor:
                type: TCP
                delay: 5
                timeout: 2
                max_retries: 2
              members:
              - name: a
                address: 127.0.0.1
                protocol_port: 9001
              - address: 127.0.0.1
                protocol_port: 9002
            - name: other
              protocol: HTTP
              lb_algorithm: SOURCE_IP

            """
        }

        @Test func aDocumentIsAppliedComparedChangedAndExported() async throws {
            let folder = try TemporaryFolder("ottava-document")
            defer { folder.remove() }
            let file = folder.file("lb.yaml")
            let original = text(Ports.free(), VirtualAddresses.next())
            try Files.write(original, to: file)
            #expect(try await ottava("diff -f \(file)").status == 5)
            let applied = try await succeed("apply -f \(file)")
            #expect(applied.output.contains("in one call") && applied.output.contains("ACTIVE at"))
            let same = try await ottava("diff -f \(file)")
            #expect(same.status == 0 && same.output.isEmpty, "\(same.output)")
            #expect(try await succeed("apply -f \(file)").output.contains("as the document says"))

            // The smallest set of calls: one for one member, one for several.
            func plan(_ changes: [(String, String)]) async throws -> [String] {
                var changed = original
                for (old, new) in changes {
                    #expect(changed.contains(old))
                    changed = changed.replacing(old, with: new)
                }
                try Files.write(changed, to: file)
                let result = try await ottava("diff -f \(file)")
                #expect(result.status == 5 && result.errors.isEmpty, "\(result.errors)")
                return result.output.split(separator: "\n").map(String.init)
            }
            #expect(
                try await plan(
                    [("    name: a\n", ""), ("  - name: a\n    address", "  - weight: 5\n    address")].suffix(1))
                    == ["~ member 127.0.0.1:9001 of pool main: weight 1 → 5"])
            let changes = try await plan([
                ("9002", "9003"), ("connection_limit: 1000", "connection_limit: -1"), ("/private", "/secret"),
                ("delay: 5", "delay: 6"), ("  default_pool: main", "  default_pool: other"),
                ("from a document", "changed"), ("SOURCE_IP", "LEAST_CONNECTIONS"),
            ])
            #expect(changes.count == 8, "\(changes)")
            for expected in [
                "~ load balancer doc: description from a document → changed", "+ member 127.0.0.1:9003 of pool main",
                "- member 127.0.0.1:9002 of pool main", "~ health monitor of pool main: delay 5 → 6",
                "~ pool other: lb_algorithm SOURCE_IP → LEAST_CONNECTIONS", "+ rule PATH /secret of L7 policy private",
                "- rule PATH /private of L7 policy private",
            ] { #expect(changes.contains(expected), "\(expected) in \(changes)") }
            #expect(changes.contains { $0.hasSuffix("connection_limit 1000 → -1, default_pool main → other") })
            _ = try await succeed("apply -f \(file)")
            #expect(try await ottava("diff -f \(file)").status == 0)

            // What is exported can be applied, and says the same.
            let exported = try await succeed("export doc").output
            #expect(!exported.contains("admin_state_up") && exported.contains("lb_algorithm: LEAST_CONNECTIONS"))
            try Files.write(exported, to: file)
            let none = try await ottava("diff -f \(file)")
            #expect(none.status == 0, "\(none.output)\(none.errors)\n\(exported)")
            try Files.write(
                exported.replacing("name: doc", with: "name: copy").split(
                    separator: "\n", omittingEmptySubsequences: false
                )
                .filter { !$0.hasPrefix("vip_address") }.joined(separator: "\n"), to: file)
            _ = try await succeed("loadbalancer delete doc --cascade --wait")
            _ = try await succeed("apply -f \(file)")
            #expect(try await ottava("diff -f \(file)").status == 0)

            // What is not mentioned goes or stays: lists that are there are complete.
            try Files.write("name: copy\nlisteners: []\npools: []\n", to: file)
            let removal = try await succeed("apply -f \(file)").output
            #expect(removal.contains("- listener HTTP") && removal.contains("- pool main"), "\(removal)")
            #expect(try await succeed("loadbalancer listener list -f json").json.array?.isEmpty == true)
            _ = try await succeed("loadbalancer delete copy --wait")
        }

        @Test func whatIsWrongIsNamedWithItsLine() async throws {
            let folder = try TemporaryFolder("ottava-document")
            defer { folder.remove() }
            let file = folder.file("lb.yaml")
            for (text, reason) in [
                (
                    "name: x\nlisteners:\n- protocl: HTTP\n  protocol_port: 1\n",
                    ":3: a listener has no key 'protocl'; did you mean 'protocol'?"
                ),
                ("name: x\nzzzzzzzz: 1\n", ":2: a load balancer has no key 'zzzzzzzz'; allowed are: name"),
                ("vip_subnet_id: x\n", "needs a name"), ("name: [\n", "this is not YAML"),
                ("- a\n", "must be a mapping"),
                ("name: x\nname: y\n", "twice"),
                ("name: x\nlisteners:\n- protocol: HTTP\n", ":3: 'protocol_port' is missing"),
                (
                    "name: x\nvip_subnet_id: s\nlisteners:\n- {protocol: HTTP, protocol_port: 80, default_pool: p}\npools: []\n",
                    "there is no pool 'p'"
                ),
                ("name: x\nvip_subnet_id: s\nlisteners:\n- {protocol: HTTP, protocol_port: 80000}\n", "protocol_port"),
                ("name: x\nvip_subnet_id: s\nlisteners:\n- {protocol: FTP, protocol_port: 80}\n", "TERMINATED_HTTPS"),
            ] {
                try Files.write(text, to: file)
                for command in ["apply", "diff"] {
                    let result = try await ottava("\(command) -f \(file)")
                    #expect(
                        result.status == 2 && result.errors.contains(reason),
                        "\(reason): \(result.status) \(result.errors)")
                    #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
                }
            }
        }
    }
}

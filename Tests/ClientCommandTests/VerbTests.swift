// Every noun and verb, and what is wrong with a command line.

internal import JSON
internal import TestSupport
internal import Testing

extension ClientCommandTests {
    @Suite(.server)
    struct VerbTests {
        @Test func everyKindIsMadeShownChangedAndDeleted() async throws {
            let port = Ports.free()
            let address = VirtualAddresses.next()
            let made = try await succeed(
                "loadbalancer create --name lb --vip-subnet-id private-subnet --vip-address \(address) --tag a --wait -f json"
            )
            #expect(made.json["provisioning_status"] == "ACTIVE" && made.json["vip_address"]?.string == address)
            let listener = try await succeed(
                "loadbalancer listener create --name l --protocol http --protocol-port \(port) --wait lb -f json")
            #expect(listener.json["protocol_port"]?.integer == Int64(port))
            for line in [
                "loadbalancer pool create --name p --protocol HTTP --lb-algorithm ROUND_ROBIN --listener l --wait",
                "loadbalancer member create p --name m --address 127.0.0.1 --protocol-port 9001 --wait",
                "loadbalancer healthmonitor create p --name h --delay 5 --timeout 2 --max-retries 1 --type HTTP --wait",
                "loadbalancer l7policy create l --name x --action REDIRECT_TO_URL --redirect-url http://example.com/ --wait",
                "loadbalancer l7rule create x --type PATH --compare-type STARTS_WITH --value /a --wait",
                "loadbalancer set lb --description new --tag b --wait",
                "loadbalancer listener set l --connection-limit 5 --insert-headers X-Forwarded-For=true --wait",
                "loadbalancer pool set p --session-persistence type=APP_COOKIE,cookie_name=c --wait",
                "loadbalancer member set p m --weight 0 --enable-backup --wait",
                "loadbalancer healthmonitor set h --url-path /ok --wait",
                "loadbalancer l7policy set x --redirect-http-code 301 --wait",
            ] { _ = try await succeed(line) }
            func show(_ line: String) async throws -> JSONValue { try await succeed("\(line) -f json").json }
            #expect(try await show("loadbalancer show lb")["tags"] == ["a", "b"])
            #expect(try await show("loadbalancer listener show l")["insert_headers"] == ["X-Forwarded-For": "true"])
            #expect(try await show("loadbalancer listener show l")["error_pages"] == nil)
            let pages = try TemporaryFolder("pages")
            defer { pages.remove() }
            try Files.write("<h1>soon é</h1>", to: pages.file("soon.html"))
            for line in ["503=\(pages.file("soon.html"))", "400=\(pages.file("soon.html"))"] {
                _ = try await succeed("loadbalancer listener set l --error-page \(line) --wait")
            }
            #expect(
                try await show("loadbalancer listener show l")["error_pages"]
                    == ["400": "<h1>soon é</h1>", "503": "<h1>soon é</h1>"])
            _ = try await succeed("loadbalancer listener unset l --error-pages --wait")
            #expect(try await show("loadbalancer listener show l")["error_pages"] == nil)
            #expect(try await show("loadbalancer pool show p")["session_persistence"]?["cookie_name"] == "c")
            #expect(try await show("loadbalancer member show p m")["backup"] == true)
            #expect(try await show("loadbalancer healthmonitor show h")["url_path"] == "/ok")
            #expect(try await show("loadbalancer l7policy show x")["redirect_http_code"] == 301)
            let rule = try #require(try await show("loadbalancer l7rule list x")[0]?["id"]?.string)
            _ = try await succeed("loadbalancer l7rule set x \(rule) --value /b --invert --wait")
            #expect(try await show("loadbalancer l7rule show x \(rule)")["invert"] == true)
            for line in [
                "loadbalancer unset lb --description --tag a", "loadbalancer listener unset l --connection-limit",
                "loadbalancer pool unset p --session-persistence", "loadbalancer member unset p m --weight --backup",
                "loadbalancer healthmonitor unset h --url-path", "loadbalancer l7rule unset x \(rule) --invert --wait",
            ] { _ = try await succeed(line) }
            #expect(try await show("loadbalancer show lb")["description"] == "")
            #expect(try await show("loadbalancer member show p m")["weight"] == 1)
            #expect(try await show("loadbalancer stats show lb").object?.count == 5)
            #expect(try await show("loadbalancer listener stats show l")["total_connections"] == 0)
            #expect(
                try await succeed("loadbalancer status show lb").json["loadbalancer"]?["listeners"]?[0]?["name"] == "l")
            let tree = try await succeed("loadbalancer tree lb").output
            #expect(tree.contains("└─ ") && tree.contains("127.0.0.1:9001") && !tree.contains("\u{1B}"))
            #expect(try await succeed("loadbalancer top lb --count 2 --interval 1").output.contains("| lb "))
            let events = try #require(try await show("loadbalancer event list lb").array)
            #expect(events.first?["type"] == "created" && events.count > 10)
            let last = try #require(try await show("loadbalancer event list lb --last 3 -c id -c fields").array)
            #expect(last.count == 3)
            let updates = try #require(try await show("loadbalancer event list lb --type updated -c fields").array)
            #expect(updates.contains(["fields": ["description", "tags"]]), "\(updates)")
            #expect(try await show("loadbalancer list --name lb --tags b").array?.count == 1)
            #expect(try await show("loadbalancer list --not-any-tags b").array?.count == 0)
            #expect(try await show("loadbalancer provider list").array?.isEmpty == false)
            #expect(try await show("loadbalancer quota show")["pool"] == -1)
            _ = try await succeed("loadbalancer l7policy delete x --wait")
            _ = try await succeed("loadbalancer delete lb --cascade --wait")
            #expect(try await show("loadbalancer list").array?.isEmpty == true)
        }

        @Test func operatorsManageOffersAndAmphorae() async throws {
            for line in [
                #"loadbalancer flavorprofile create --name fp --provider amphora --flavor-data {"loadbalancer_topology":"SINGLE"}"#,
                "loadbalancer flavor create --name f --flavorprofile fp --disable",
                "loadbalancer flavor set f --description d --enable",
                #"loadbalancer availabilityzoneprofile create --name zp --provider amphora --availability-zone-data {"compute_zone":"n"}"#,
                "loadbalancer availabilityzone create --name z --availabilityzoneprofile zp",
                "loadbalancer availabilityzone set z --disable", "loadbalancer availabilityzone unset z --description",
                "loadbalancer amphora list", "loadbalancer provider capability list amphora",
                "loadbalancer quota list", "loadbalancer quota defaults show", "loadbalancer quota set x --pool 3",
                "loadbalancer quota unset x --pool", "loadbalancer quota reset x",
                "loadbalancer flavor delete f", "loadbalancer flavorprofile delete fp",
                "loadbalancer availabilityzone delete z", "loadbalancer availabilityzoneprofile delete zp",
            ] { _ = try await succeed(line, cloud: "ottava-admin") }
        }

        @Test func usageErrorsAreOneLineAndStatus2() async throws {
            for (line, reason) in [
                ("loadbalancer create --name x", "--vip-subnet-id"),
                ("loadbalancer listener create lb --protocol HTTPX --protocol-port 80", "TERMINATED_HTTPS"),
                ("loadbalancer listener create lb --protocol HTTP --protocol-port 70000", "from 1 to 65535"),
                (
                    "loadbalancer listener create lb --protocol HTTP --protocol-port 80 --error-page 404=x",
                    "400, 403, 408, 500, 502, 503, 504"
                ),
                (
                    "loadbalancer listener create lb --protocol HTTP --protocol-port 80 --error-page 503=/no/file",
                    "cannot be read"
                ),
                ("loadbalancer pool create --protocol HTTP --lb-algorithm ROUND_ROBIN", "exactly one of"),
                ("loadbalancer member set p m --weight 257", "from 0 to 256"),
                ("loadbalancer list -c nmae", "there is no column 'nmae'"),
                ("loadbalancer list --os-cloud nowhere", "has: ottava, ottava-admin"),
                ("loadbalancer set lb --enable --disable", "exclude each other"),
                ("loadbalancer pool set p --session-persistence type=COOKIE", "HTTP_COOKIE"),
                ("loadbalancer pool set p --session-persistence cookie", "key=value"),
                ("loadbalancer lst", "lst"), ("loadbalancer show", "object"),
                ("apply -f /nowhere.yaml", "cannot be read"),
            ] {
                let result = try await ottava(line)
                #expect(result.status == 2, "\(line): \(result.status) \(result.errors)")
                #expect(result.errors.contains(reason), "\(line): \(result.errors)")
                #expect(result.errors.split(separator: "\n").count == 1, "\(line): \(result.errors)")
            }
        }

        @Test func otherFailuresHaveStatusesOfTheirOwn() async throws {
            let missing = try await ottava("loadbalancer show nothing")
            #expect(missing.status == 3 && missing.errors.contains("there is no load balancer 'nothing'"))
            let refused = try await ottava("loadbalancer amphora list")
            #expect(refused.status == 1 && refused.errors.contains("HTTP 403, req-"), "\(refused.errors)")
            #expect(try await ottava("--version").status == 0)
            #expect(try await ottava("loadbalancer listener create --help").output.contains("--protocol-port"))
            for shell in ["bash", "zsh", "fish"] {
                #expect(try await ottava("--generate-completion-script \(shell)").output.contains("healthmonitor"))
            }
        }

        @Test func formatsShowTheSame() async throws {
            _ = try await succeed(
                "loadbalancer create --name f --vip-subnet-id private-subnet --vip-address \(VirtualAddresses.next()) --wait"
            )
            let list = "loadbalancer list -c name -c operating_status"
            #expect(try await succeed("\(list) -f value").output == "f ONLINE\n")
            #expect(try await succeed("\(list) -f csv").output == "\"name\",\"operating_status\"\n\"f\",\"ONLINE\"\n")
            #expect(try await succeed("\(list) -f yaml").output == "- name: f\n  operating_status: ONLINE\n")
            #expect(try await succeed("\(list) -f json").json == [["name": "f", "operating_status": "ONLINE"]])
            #expect(
                try await succeed(list).output == """
                    +------+------------------+
                    | name | operating_status |
                    +------+------------------+
                    | f    | ONLINE           |
                    +------+------------------+

                    """)
            _ = try await succeed("loadbalancer delete f --wait")
        }
    }
}

import LoadBalancing
import OctaviaWire
import Testing

private let newYear = Timestamp(microseconds: 1_767_225_600_000_000)

@Suite struct ListQueryTests {
    private func parse(_ query: String, _ kind: ResourceKind = .loadBalancer) throws -> ListQuery {
        try ListQuery(parsing: arguments(query), kind: kind)
    }

    private func arguments(_ query: String) -> [(name: String, value: String)] {
        query.split(separator: "&").map { item in
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return (parts[0], parts.count > 1 ? parts[1] : "")
        }
    }

    private func message(_ query: String, _ kind: ResourceKind = .loadBalancer) -> OctaviaFault? {
        fault { _ = try parse(query, kind) }
    }

    @Test("Nothing asked for")
    func empty() throws {
        let query = try parse("")
        #expect(query.filters.isEmpty && query.fields.isEmpty && query.marker == nil && !query.isPageReversed)
        #expect(query.limit == 1000)
        #expect(
            query.sort == [
                .init(field: "created_at", isDescending: false), .init(field: "id", isDescending: false),
            ])
    }

    @Test(
        "Filters by their type",
        arguments: [
            (.loadBalancer, "name=a", "name", .text("a")), (.loadBalancer, "name=", "name", .text("")),
            (.loadBalancer, "admin_state_up=YES", "admin_state_up", .bool(true)),
            (.loadBalancer, "admin_state_up=maybe", "admin_state_up", .bool(false)),
            (.loadBalancer, "enabled=1", "admin_state_up", .bool(true)),
            (.loadBalancer, "vip_address=192.0.2.1", "vip_address", .text("192.0.2.1")),
            (.loadBalancer, "created_at=2026-01-01T00:00:00", "created_at", .time(newYear)),
            (.loadBalancer, "created_at=2026-01-01 00:00:00.000Z", "created_at", .time(newYear)),
            (.pool, "updated_at=2026-01-01", "updated_at", .time(newYear)),
            (.member, "updated_at=2026-01-01T00:00:00.5", "updated_at", .time(nil)),
            (.listener, "created_at=x", "created_at", .time(nil)),
            (.listener, "protocol_port=80", "protocol_port", .integer(80)),
            (.listener, "protocol_port=x", "protocol_port", .integer(nil)),
            (.listener, "load_balancer_id=x", "loadbalancer_id", .text("x")),
            (.listener, "default_pool_id=11111111111141118111111111111111", "default_pool_id", .text(someID)),
            (.pool, "healthmonitor_id=x", "healthmonitor_id", .text("x")),
            (.pool, "tls_enabled=on", "tls_enabled", .bool(true)), (.member, "backup=t", "backup", .bool(true)),
            (.member, "weight=0", "weight", .integer(0)), (.healthMonitor, "pool_id=x", "pool_id", .text("x")),
            (.healthMonitor, "http_version=1.1", "http_version", .real(1.1)),
            (.healthMonitor, "http_version=x", "http_version", .real(nil)),
            (.l7Policy, "redirect_pool_id=x", "redirect_pool_id", .text("x")),
            (.l7Policy, "position=1", "position", .integer(1)), (.l7Rule, "invert=y", "invert", .bool(true)),
            (.l7Rule, "compare_type=REGEX", "compare_type", .text("REGEX")),
        ] as [(ResourceKind, String, String, ListQuery.Filter.Value)])
    func filters(kind: ResourceKind, query: String, field: String, value: ListQuery.Filter.Value) throws {
        #expect(try parse(query, kind).filters == [.init(field: field, value: value)])
    }

    @Test(
        "Arguments that are no filters",
        arguments: [
            (.loadBalancer, "foo=1"), (.loadBalancer, "tenant_id=a"), (.loadBalancer, "listeners=a"),
            (.loadBalancer, "additional_vips=a"), (.listener, "pool_id=a"), (.listener, "allowed_cidrs=a"),
            (.listener, "sni_container_refs=a"), (.listener, "l7policies=a"), (.listener, "insert_headers=a"),
            (.pool, "listener_id=a"), (.pool, "members=a"), (.pool, "session_persistence=a"),
            (.healthMonitor, "pools=a"), (.healthMonitor, "description=a"), (.l7Policy, "loadbalancer_id=a"),
            (.l7Policy, "rules=a"), (.l7Rule, "name=a"), (.member, "description=a"), (.loadBalancer, "name=a&name=a"),
            (.listener, "loadbalancer_id=a&load_balancer_id=a"), (.loadBalancer, "enabled=1&admin_state_up=1"),
            (.loadBalancer, "limit=1&limit=1"), (.loadBalancer, "sort=id&sort=name"),
            (.loadBalancer, "project_id=a&project_id=a"),
        ] as [(ResourceKind, String)])
    func refusedFilters(kind: ResourceKind, query: String) {
        #expect(message(query, kind) == OctaviaFault(400, "One or more arguments are either duplicate or invalid"))
    }

    @Test("Every scalar field of an answer filters, and nothing else")
    func schema() {
        // Six that all resources have, five of rules, and the policy that the path names.
        #expect(ListSchema.fields(of: .l7Rule).count == 12)
        for kind in ResourceKind.allCases {
            let fields = ListSchema.fields(of: kind)
            for name in ["id", "created_at", "updated_at", "provisioning_status", "operating_status"] {
                #expect(fields[name] != nil)
            }
            for name in fields.keys { #expect(throws: Never.self) { try parse("\(name)=1", kind) } }
        }
    }

    @Test func projectAndFields() throws {
        let query = try parse("project_id=p&fields=id&fields=name&fields=")
        #expect(query.projectID == "p" && query.filters.isEmpty)
        #expect(query.fields == ["id", "name", ""])
        #expect(query.fieldSelection == ["id", "name", ""])
        #expect(try parse("project_id=").projectID == "")
        #expect(try parse("fields=").fieldSelection.contains("id") == false)
        #expect(try ListQuery.fields(parsingSingle: [("fields", "")]).contains("id") == false)
    }

    @Test("What belongs to no project has no filter or order by it")
    func withoutProjects() {
        let expected = OctaviaFault(400, "One or more arguments are either duplicate or invalid")
        for schema in [
            ListSchema.flavor, .flavorProfile, .availabilityZone, .availabilityZoneProfile,
        ] {
            #expect(fault { _ = try ListQuery(parsing: [("project_id", "a")], schema: schema) } == expected)
            #expect(fault { _ = try ListQuery(parsing: [("sort", "project_id")], schema: schema) } != nil)
        }
        #expect(fault { _ = try ListQuery(parsing: [("project_id", "a")], schema: .quota) } == nil)
    }

    @Test func tags() throws {
        let query = try parse("tags=a,b&tags=c&tags-any=d&not-tags=e,f&not-tags-any=g&not-tags-any=h")
        #expect(query.tags == ["a", "b", "c"])
        #expect(query.tagsAny == ["d"])
        #expect(query.notTags == ["e", "f"])
        #expect(query.notTagsAny == ["g", "h"])
        #expect(try parse("tags=").tags == [""])
        #expect(try parse("tags-any=a,&not-tags=").tagsAny == ["a", ""])
    }

    @Test(
        "Orders",
        arguments: [
            ("sort=name", "name created_at id"), ("sort=name:desc,id:ASC", "-name id created_at"),
            ("sort=created_at:DESC", "-created_at id"), ("sort_key=name,vip_address", "name vip_address created_at id"),
            ("sort_key=name,provider&sort_dir=desc", "-name provider created_at id"),
            ("sort_key=name&sort_dir=Desc,asc", "-name created_at id"), ("sort_dir=desc", "created_at id"),
            ("sort=name&sort_key=id&sort_dir=desc", "name created_at id"), ("sort=", "created_at id"),
            ("sort=name,name:desc", "name created_at id"), ("sort_key=id,id", "id created_at"),
            ("sort=enabled", "admin_state_up created_at id"), ("sort=project_id", "project_id created_at id"),
        ])
    func sort(query: String, expected: String) throws {
        let keys = try parse(query).sort.map { ($0.isDescending ? "-" : "") + $0.field }
        #expect(keys.joined(separator: " ") == expected)
    }

    @Test func refusedOrders() {
        #expect(message("sort=foo") == OctaviaFault(400, "Supplied sort key 'foo' is not valid."))
        #expect(message("sort_key=foo")?.message == "Supplied sort key 'foo' is not valid.")
        #expect(
            message("sort=name:asc:desc")
                == OctaviaFault(
                    400, "Supplied sort key '['name', 'asc', 'desc']' is not valid.",
                    form: .routing(title: "Bad Request")))
        #expect(message("sort=name,name:up")?.message == "Supplied sort direction 'up' is not valid.")
        #expect(message("sort=name,")?.message == "Supplied sort key '' is not valid.")
        for kind in [ResourceKind.listener, .pool] {
            #expect(
                message("sort=loadbalancer_id", kind)?.message == "Supplied sort key 'loadbalancer_id' is not valid.")
            #expect(message("sort=load_balancer_id", kind) == nil)
        }
        #expect(message("sort=healthmonitor_id", .pool) == nil)
        let direction = OctaviaFault(
            400, "Supplied sort direction 'up' is not valid.", form: .routing(title: "Bad Request"))
        #expect(message("sort=name:up") == direction)
        #expect(message("sort_key=name&sort_dir=up") == direction)
        #expect(message("sort_dir=up") == direction)
    }

    @Test(
        "Lengths of pages",
        arguments: [
            ("limit=1", 1), ("limit=1000", 1000), ("limit=1001", 1000), ("limit=99999999999999999999", 1000),
            ("limit=0", nil), ("limit=-1", nil), ("limit=infinite", nil), ("limit=None", nil), ("limit= 5 ", 5),
        ] as [(String, Int?)])
    func limit(query: String, expected: Int?) throws {
        #expect(try parse(query).limit == expected)
    }

    @Test(arguments: ["x", "", "1.5", "1e3"])
    func refusedLimit(text: String) {
        let expected = OctaviaFault(
            400, "Supplied pagination limit '\(text)' is not valid.", form: .routing(title: "Bad Request"))
        #expect(message("limit=\(text)") == expected)
        #expect(fault { _ = try ListQuery.fields(parsingSingle: [("limit", text)]) } == expected)
    }

    @Test func pages() throws {
        #expect(try parse("marker=\(someID.uppercased())").marker == someID)
        #expect(try parse("marker=x").marker == "x")
        #expect(try parse("marker=").marker == "")
        #expect(try parse("page_reverse=True").isPageReversed)
        #expect(try parse("page_reverse=true").isPageReversed == false)
        #expect(try ListQuery(parsing: [("limit", "50")], kind: .pool, maximumLimit: 20).limit == 20)
    }

    @Test("Queries for one object")
    func single() throws {
        let fields = try ListQuery.fields(
            parsingSingle: [("fields", "id"), ("foo", "1"), ("name", "x"), ("fields", "name")])
        #expect(fields == ["id", "name"])
        #expect(try ListQuery.fields(parsingSingle: []) == .all)
    }

    @Test("Quotas filter by their columns under both names")
    func quotas() throws {
        let query = try ListQuery(parsing: [("loadbalancer", "5"), ("project_id", "p")], schema: .quota)
        #expect(query.filters == [.init(field: "load_balancer", value: .integer(5))])
        #expect(query.projectID == "p")
        #expect(query.sort.map(\.field) == ["project_id"])
        #expect(fault { _ = try ListQuery(parsing: [("id", "5")], schema: .quota) } == .invalidListArguments)
    }

    @Test(
        "Links",
        arguments: [
            ("", 2, []), ("limit=2", 0, []), ("limit=3", 2, []),
            ("limit=2", 2, ["next ?limit=2&marker=b"]), ("limit=0", 2, []),
            ("marker=x", 2, ["previous ?limit=1000&marker=a&page_reverse=True"]), ("marker=x", 0, []),
            (
                "limit=2&marker=x&sort=name:desc,id&name=n&fields=id&tags=t", 2,
                [
                    "previous ?limit=2&sort=name:desc,id&marker=a&page_reverse=True",
                    "next ?limit=2&sort=name:desc,id&marker=b",
                ]
            ),
            ("limit=1&sort_key=name&sort_dir=desc", 1, ["next ?limit=1&sort_key=name&marker=a"]),
        ] as [(String, Int, [String])])
    func links(query: String, count: Int, expected: [String]) throws {
        let links = ListLinks.links(
            url: "http://h/v2/lbaas/loadbalancers", query: try parse(query), ids: Array(["a", "b"].prefix(count)))
        #expect(links.map { $0.relation + " " + $0.reference.dropFirst(31) } == expected)
        #expect(links.allSatisfy { $0.reference.hasPrefix("http://h/v2/lbaas/loadbalancers?") })
    }

    @Test("Links escape what a query cannot hold")
    func escaping() {
        var query = ListQuery()
        query.limit = 1
        query.linkArguments = [("sort", "a b&é")]
        let links = ListLinks.links(url: "/x", query: query, ids: ["i#"])
        #expect(links.first?.reference == "/x?sort=a%20b%26%C3%A9&marker=i%23")
    }
}

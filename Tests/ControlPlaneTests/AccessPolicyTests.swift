// Who may do what: the table of the reference, row by row.

import ControlPlane
import OctaviaWire
import Testing

@Suite struct AccessPolicyTests {
    private func caller(_ roles: String...) -> Caller {
        Caller(userID: "u", projectID: "own", roles: Set(roles))
    }

    private func outcome(
        _ policy: AccessPolicy, _ caller: Caller, _ action: PolicyAction
    ) -> [Bool] {
        ["own", "other"].map { policy.allows(caller, action, projectID: $0) }
    }

    @Test func keystoneDefaultRoles() {
        let policy = AccessPolicy()
        #expect(outcome(policy, caller("reader"), .poolShow) == [true, false])
        #expect(outcome(policy, caller("reader"), .poolUpdate) == [false, false])
        #expect(outcome(policy, caller("reader"), .quotaShow) == [true, false])
        #expect(outcome(policy, caller("member"), .loadBalancerStatistics) == [true, false])
        #expect(outcome(policy, caller("member"), .loadBalancerCreate) == [true, false])
        #expect(outcome(policy, caller("admin"), .loadBalancerDelete) == [true, true])
        #expect(outcome(policy, caller("admin"), .amphoraList) == [true, true])
        #expect(outcome(policy, caller("member"), .loadBalancerFailover) == [false, false])
        #expect(outcome(policy, caller("member"), .flavorList) == [true, false])
        #expect(outcome(policy, caller("member"), .flavorProfileList) == [false, false])
        #expect(outcome(policy, caller("service"), .memberList) == [true, true])
        #expect(outcome(policy, caller("service"), .memberShow) == [false, false])
        #expect(outcome(policy, caller("load-balancer_admin"), .poolShow) == [false, false])
        #expect(outcome(policy, caller(), .poolShow) == [false, false])
    }

    @Test func advancedRoles() {
        let policy = AccessPolicy(roles: .advanced)
        #expect(outcome(policy, caller("load-balancer_observer"), .poolShow) == [true, false])
        #expect(outcome(policy, caller("load-balancer_global_observer"), .poolShow) == [true, true])
        #expect(outcome(policy, caller("load-balancer_global_observer"), .poolUpdate) == [false, false])
        #expect(outcome(policy, caller("load-balancer_member"), .poolUpdate) == [true, false])
        #expect(outcome(policy, caller("load-balancer_admin"), .amphoraList) == [true, true])
        #expect(outcome(policy, caller("load-balancer_quota_admin"), .quotaUpdate) == [true, true])
        #expect(outcome(policy, caller("load-balancer_quota_admin"), .poolShow) == [false, false])
        #expect(outcome(policy, caller("member", "reader"), .poolShow) == [false, false])
    }

    @Test func listsShowWhatTheCallerMaySee() throws {
        let policy = AccessPolicy()
        func listed(_ caller: Caller, _ project: String?) throws -> String? {
            try policy.listedProject(caller, .poolList, globally: .poolListGlobally, asked: project)
        }
        #expect(try listed(caller("admin"), nil) == nil)
        #expect(try listed(caller("admin"), "x") == "x")
        #expect(try listed(caller("member"), nil) == "own")
        #expect(throws: OctaviaFault.forbidden) { try listed(caller("member"), "x") }
        #expect(throws: OctaviaFault.forbidden) { try listed(caller(), nil) }
        let unscoped = Caller(userID: "u", projectID: nil, roles: ["member"])
        #expect(throws: OctaviaFault.forbidden) { try listed(unscoped, nil) }
    }

    @Test func everyCallHasAPolicyOfItsOwn() {
        #expect(PolicyAction.allCases.count == 81)
        #expect(Set(PolicyAction.allCases.map(\.rawValue)).count == 81)
    }

    @Test func rulesOfAFileReplaceThoseOfTheRoleSet() throws {
        let file = try PolicyFile(
            parsing: """
                # Operators may switch load balancers off.
                "operator": "role:operator"
                "os_load-balancer_api:loadbalancer:put": "rule:operator or
                  (role:member and not role:intern) and project_id:%(project_id)s"
                'os_load-balancer_api:loadbalancer:delete': '!'   # nobody
                os_load-balancer_api:provider:get_all: "@"
                "load-balancer:observer_and_owner": "role:auditor"
                """)
        let policy = try AccessPolicy(roles: .keystoneDefault, file: file)
        #expect(outcome(policy, caller("operator"), .loadBalancerUpdate) == [true, true])
        #expect(outcome(policy, caller("member"), .loadBalancerUpdate) == [true, false])
        #expect(outcome(policy, caller("member", "intern"), .loadBalancerUpdate) == [false, false])
        #expect(outcome(policy, caller("admin"), .loadBalancerDelete) == [false, false])
        #expect(outcome(policy, caller(), .providerList) == [true, true])
        #expect(outcome(policy, caller("auditor"), .listenerShow) == [true, true])
        #expect(outcome(policy, caller("reader"), .listenerShow) == [false, false])
    }

    @Test(arguments: [
        ("a: 'role:x'\n\"os_load-balancer_api:pool:fly\": \"@\"", 2),
        ("\"os_load-balancer_api:pool:put\": \"rule:nobody\"", 1),
        ("\n\"x\": \"role:a and\"", 2),
        ("\"x\": \"(role:a\"", 1),
        ("\"x\": \"role:a)\"", 1),
        ("\"x\": \"rule:y\"\n\"y\": \"rule:x\"", 1),
        ("\"x\": \"role:a\"\n\"x\": \"role:b\"", 2),
        ("nonsense", 1),
        ("\"x\": \"role:a", 1),
        ("\"x\": \"http://example.org/check\"", 1),
        ("\"context_is_admin\": \"is_admin:True\"", 1),
    ])
    func problemsNameTheirLine(_ text: String, _ line: Int) {
        do {
            _ = try AccessPolicy(roles: .keystoneDefault, file: PolicyFile(parsing: text))
            Issue.record("accepted: \(text)")
        } catch {
            #expect(error.line == line, "\(error)")
        }
    }
}

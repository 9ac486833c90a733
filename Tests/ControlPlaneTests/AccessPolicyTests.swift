// Who may do what: the table of the reference, row by row.

import ControlPlane
import OctaviaWire
import Testing

@Suite struct AccessPolicyTests {
    private func caller(_ roles: String...) -> Caller {
        Caller(userID: "u", projectID: "own", roles: Set(roles))
    }

    private func outcome(
        _ policy: AccessPolicy, _ caller: Caller, _ action: AccessPolicy.Action
    ) -> [Bool] {
        ["own", "other"].map { policy.allows(caller, action, projectID: $0) }
    }

    @Test func keystoneDefaultRoles() {
        let policy = AccessPolicy()
        #expect(outcome(policy, caller("reader"), .read) == [true, false])
        #expect(outcome(policy, caller("reader"), .write) == [false, false])
        #expect(outcome(policy, caller("member"), .read) == [true, false])
        #expect(outcome(policy, caller("member"), .write) == [true, false])
        #expect(outcome(policy, caller("admin"), .write) == [true, true])
        #expect(outcome(policy, caller("admin"), .administer) == [true, true])
        #expect(outcome(policy, caller("member"), .administer) == [false, false])
        #expect(outcome(policy, caller("service"), .readMembers) == [true, true])
        #expect(outcome(policy, caller("service"), .read) == [false, false])
        #expect(outcome(policy, caller("load-balancer_admin"), .read) == [false, false])
        #expect(outcome(policy, caller(), .read) == [false, false])
    }

    @Test func advancedRoles() {
        let policy = AccessPolicy(roles: .advanced)
        #expect(outcome(policy, caller("load-balancer_observer"), .read) == [true, false])
        #expect(outcome(policy, caller("load-balancer_global_observer"), .read) == [true, true])
        #expect(outcome(policy, caller("load-balancer_global_observer"), .write) == [false, false])
        #expect(outcome(policy, caller("load-balancer_member"), .write) == [true, false])
        #expect(outcome(policy, caller("load-balancer_admin"), .administer) == [true, true])
    }

    @Test func listsShowWhatTheCallerMaySee() throws {
        let policy = AccessPolicy()
        #expect(try policy.listedProject(caller("admin"), asked: nil) == nil)
        #expect(try policy.listedProject(caller("admin"), asked: "x") == "x")
        #expect(try policy.listedProject(caller("member"), asked: nil) == "own")
        #expect(throws: OctaviaFault.forbidden) { try policy.listedProject(caller("member"), asked: "x") }
        #expect(throws: OctaviaFault.forbidden) { try policy.listedProject(caller(), asked: nil) }
        let unscoped = Caller(userID: "u", projectID: nil, roles: ["member"])
        #expect(throws: OctaviaFault.forbidden) { try policy.listedProject(unscoped, asked: nil) }
    }
}

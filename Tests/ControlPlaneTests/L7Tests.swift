// Policies and rules of layer 7: actions, positions, characters.

import LoadBalancing
import OctaviaWire
import Testing

@testable import ControlPlane

@Suite struct L7Tests {
    private func policy(_ name: String, at position: Int = .max) -> L7Policy {
        L7Policy(
            core: ResourceCore(id: .random(), projectID: "p", createdAt: Timestamp(microseconds: 0)),
            loadBalancerID: .random(), listenerID: .random(), name: name, action: .reject, position: position)
    }

    @Test func insertingKeepsPositionsDense() {
        var policies: [L7Policy] = []
        policies = L7Positions.inserting(policy("a"), into: policies)
        policies = L7Positions.inserting(policy("b", at: 5), into: policies)
        policies = L7Positions.inserting(policy("c", at: 1), into: policies)
        policies = L7Positions.inserting(policy("d", at: 2), into: policies)
        #expect(policies.map(\.name) == ["c", "d", "a", "b"])
    }

    @Test func movingCountsWithoutTheOneThatMoves() {
        let policies = ["d", "a", "b", "c"].map { policy($0) }
        let moved = L7Positions.moving(policies[1].id, to: 4, in: policies)
        #expect(moved.map(\.name) == ["d", "b", "c", "a"])
    }

    @Test func fieldsDecideAboutTheAction() throws {
        let pool = ResourceID.random()
        let url = try L7Redirection(
            action: .redirectPrefix, poolID: nil, url: "http://u", prefix: "http://p", code: nil)
        #expect(url.action == .redirectToURL && url.prefix == nil && url.code == 302)
        let prefix = try L7Redirection(action: .reject, poolID: pool, url: "http://u", prefix: "http://p", code: 301)
        #expect(prefix.action == .redirectPrefix && prefix.poolID == nil && prefix.code == 301)
        let toPool = try L7Redirection(
            action: .redirectToPool, poolID: pool, url: "http://u", prefix: nil, code: 301)
        #expect(toPool.poolID == pool && toPool.url == nil && toPool.code == nil)
        let switched = try L7Redirection(
            action: nil, current: .reject, poolID: nil, url: "http://u", prefix: nil, code: nil)
        #expect(switched.action == .redirectToURL)
        #expect(throws: OctaviaFault.self) {
            try L7Redirection(action: .redirectToURL, poolID: nil, url: nil, prefix: nil, code: nil)
        }
        #expect(throws: OctaviaFault.self) {
            try L7Redirection(action: .redirectToPool, poolID: pool, url: nil, prefix: "http://p", code: nil)
        }
        #expect(throws: OctaviaFault.self) {
            try L7Redirection(action: nil, poolID: pool, url: "http://u", prefix: nil, code: nil)
        }
    }

    @Test func aNewRejectionKeepsItsCodeAndAChangedOneDoesNot() throws {
        let new = try L7Redirection(action: .reject, poolID: nil, url: "http://u", prefix: nil, code: 301)
        #expect(new.action == .reject && new.url == nil && new.code == 301)
        let changed = try L7Redirection(
            action: .reject, current: .redirectToURL, poolID: nil, url: "http://u", prefix: nil, code: 301)
        #expect(changed.action == .reject && changed.url == nil && changed.code == nil)
    }

    private func isValid(
        _ type: L7RuleType, _ comparison: L7RuleCompareType, key: String? = nil, _ value: String
    ) -> Bool { fault(type, comparison, key: key, value) == nil }

    /// What is said about a rule, without what is said about all.
    private func fault(
        _ type: L7RuleType, _ comparison: L7RuleCompareType, key: String? = nil, _ value: String
    ) -> String? {
        let rule = L7Rule(
            core: ResourceCore(id: .random(), projectID: "p", createdAt: Timestamp(microseconds: 0)),
            loadBalancerID: .random(), policyID: .random(), type: type, compareType: comparison, key: key,
            value: value)
        do {
            try L7RuleRules.check(rule)
            return nil
        } catch {
            #expect(error.status == 400 && error.message.hasPrefix("Error parsing L7Rule: "))
            return String(error.message.dropFirst("Error parsing L7Rule: ".count))
        }
    }

    @Test(
        "Faults of rules",
        arguments: [
            (.header, .equalTo, nil, "v", "Invalid L7 Rule: L7 rule type requires a key"),
            (.cookie, .equalTo, "", "v", "Invalid L7 Rule: L7 rule type requires a key"),
            (.cookie, .equalTo, "a b", "v", "Invalid characters in key"),
            (.header, .equalTo, "a", "a b", "Invalid characters in header value"),
            (.cookie, .equalTo, "a", "a;b", "Invalid characters in cookie value"),
            (.path, .equalTo, nil, "a b", "Invalid characters in comparison value"),
            (.fileType, .equalTo, nil, "a b", "Invalid characters in comparison value"),
            (.fileType, .contains, nil, "a", "Invalid L7 Rule: invalid comparison type for rule type"),
            (
                .sslConnectionHasCertificate, .regex, "k", "1",
                #"Invalid L7 Rule: L7rule type SSL_CONN_HAS_CERT does not use the "key" field."#
            ),
            (
                .sslConnectionHasCertificate, .regex, nil, "1",
                "Invalid L7 Rule: L7rule value 1 is not a boolean True string."
            ),
            (
                .sslConnectionHasCertificate, .regex, nil, "true",
                "Invalid L7 Rule: L7rule type SSL_CONN_HAS_CERT only supports the EQUAL_TO compare type."
            ),
            (
                .sslVerifyResult, .regex, "k", "a",
                #"Invalid L7 Rule: L7rule type SSL_VERIFY_RESULT does not use the "key" field."#
            ),
            (
                .sslVerifyResult, .regex, nil, "a",
                "Invalid L7 Rule: L7rule type SSL_VERIFY_RESULT needs a int value, which is >= 0"
            ),
            (
                .sslDistinguishedNameField, .equalTo, nil, "a",
                "Invalid L7 Rule: L7rule type SSL_DN_FIELD needs to specify a key and a value."
            ),
            (
                .sslDistinguishedNameField, .equalTo, "1a", "a",
                "Invalid L7 Rule: Invalid L7rule distinguished name field."
            ),
        ] as [(L7RuleType, L7RuleCompareType, String?, String, String)])
    func faults(
        type: L7RuleType, comparison: L7RuleCompareType, key: String?, value: String, expected: String
    ) {
        #expect(fault(type, comparison, key: key, value) == expected)
    }

    @Test func rulesOfEachType() {
        #expect(isValid(.hostName, .equalTo, "example.org"))
        #expect(!isValid(.hostName, .equalTo, "two words"))
        #expect(isValid(.path, .startsWith, "\"two words\""))
        #expect(isValid(.path, .regex, "^/(a|b)+$"))
        #expect(!isValid(.path, .regex, "(["))
        #expect(isValid(.path, .equalTo, "\"a \" b\""))
        #expect(!isValid(.path, .regex, "(?<=a)b"), "lookbehind")
        #expect(isValid(.fileType, .equalTo, "jpg"))
        #expect(!isValid(.fileType, .startsWith, "jpg"))
        #expect(isValid(.header, .contains, key: "X-A", "b"))
        #expect(!isValid(.header, .contains, "b"))
        #expect(!isValid(.header, .contains, key: "X A", "b"))
        #expect(!isValid(.cookie, .equalTo, key: "a", "b;c"))
        #expect(isValid(.sslConnectionHasCertificate, .equalTo, "True"))
        #expect(!isValid(.sslConnectionHasCertificate, .equalTo, "1"))
        #expect(!isValid(.sslConnectionHasCertificate, .equalTo, key: "a", "true"))
        #expect(isValid(.sslVerifyResult, .equalTo, "0"))
        #expect(!isValid(.sslVerifyResult, .contains, "0"))
        #expect(!isValid(.sslVerifyResult, .equalTo, "-1"))
        #expect(isValid(.sslDistinguishedNameField, .endsWith, key: "CN", "a b"))
        #expect(!isValid(.sslDistinguishedNameField, .endsWith, key: "1", "a"))
    }
}

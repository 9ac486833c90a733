// What tests at the edges of rules share: requests as clients write them, and whether they pass.

import Foundation
import LoadBalancing
import Networking
import OctaviaWire
import Testing

@testable import ControlPlane

/// A request just inside or just outside of a rule.
struct BoundaryCase: CustomStringConvertible {
    /// The members of the JSON object, without braces.
    var fields: String
    /// The status of the fault; absent when the request passes.
    var fault: Int?
    /// What the fault names, in any case.
    var word: String

    static func passes(_ fields: String) -> BoundaryCase { BoundaryCase(fields: fields, fault: nil, word: "") }

    static func fails(_ fields: String, _ status: Int = 400, naming word: String) -> BoundaryCase {
        BoundaryCase(fields: fields, fault: status, word: word)
    }

    var description: String { "{\(fields)} \(fault.map { "fails with \($0) naming \(word)" } ?? "passes")" }

    /// Sends the request, and compares what came of it.
    func check(_ send: (String) async throws -> Void) async {
        var text = ""
        var status: Int?
        do {
            try await send(fields)
        } catch let error as OctaviaFault {
            (status, text) = (error.status, error.message)
        } catch {
            Issue.record("\(self): \(error)")
            return
        }
        #expect(status == fault, "\(self): \(text)")
        if fault != nil { #expect(text.localizedCaseInsensitiveContains(word), "\(self): \(text)") }
    }
}

/// A load balancer whose children tests make, on a control plane that takes every certificate as good.
struct BoundaryFixture {
    let base: ControlPlaneFixture
    let service: LoadBalancingService
    let loadBalancer: ResourceID
    var caller: Caller { base.caller }

    static let administrator = Caller(userID: "a", projectID: "admin", roles: ["admin"])

    static func run(
        certificates: any CertificateStore = UncheckedCertificates(), _ body: (BoundaryFixture) async throws -> Void
    ) async throws {
        try await ControlPlaneFixture.run { base in
            let service = LoadBalancingService(
                database: base.database, network: base.network, drivers: base.service.drivers,
                settings: LoadBalancingSettings(settleWait: .zero), board: base.board, certificates: certificates,
                now: EmbeddedNetwork.wallClock)
            let tree = try await base.create()
            try await body(BoundaryFixture(base: base, service: service, loadBalancer: tree.loadBalancer.id))
        }
    }

    private static func bytes(_ key: String, _ fields: String) -> [UInt8] { Array(#"{"\#(key)":{\#(fields)}}"#.utf8) }

    @discardableResult
    func loadBalancer(_ fields: String) async throws -> LoadBalancerTree {
        try await service.createLoadBalancer(LoadBalancerCreate(body: Self.bytes("loadbalancer", fields)), caller)
    }

    @discardableResult
    func listener(_ fields: String) async throws -> ResourceID {
        let parent = #""loadbalancer_id":"\#(loadBalancer)""#
        let request = try ListenerCreate(body: Self.bytes("listener", "\(parent),\(fields)"))
        return try await service.createListener(request, caller).listener.id
    }

    func update(listener id: ResourceID, _ fields: String) async throws {
        _ = try await service.updateListener(id, ListenerUpdate(body: Self.bytes("listener", fields)), caller)
    }

    @discardableResult
    func pool(_ fields: String) async throws -> ResourceID {
        let parent = fields.contains("listener_id") ? "" : #""loadbalancer_id":"\#(loadBalancer)","#
        let algorithm = fields.contains("lb_algorithm") ? "" : #""lb_algorithm":"ROUND_ROBIN","#
        let request = try PoolCreate(body: Self.bytes("pool", "\(parent)\(algorithm)\(fields)"))
        return try await service.createPool(request, caller).pool.id
    }

    func update(pool id: ResourceID, _ fields: String) async throws {
        _ = try await service.updatePool(id, PoolUpdate(body: Self.bytes("pool", fields)), caller)
    }

    @discardableResult
    func member(of pool: ResourceID, _ fields: String) async throws -> ResourceID {
        let request = try MemberCreate(body: Self.bytes("member", fields))
        return try await service.createMember(request, pool: pool, caller).member.id
    }

    @discardableResult
    func monitor(of pool: ResourceID, _ fields: String) async throws -> ResourceID {
        var all = #""pool_id":"\#(pool)","timeout":1,"max_retries":1,"#
        if !fields.contains("delay") { all += #""delay":5,"# }
        let request = try HealthMonitorCreate(body: Self.bytes("healthmonitor", all + fields))
        return try await service.createHealthMonitor(request, caller).healthMonitor.id
    }

    @discardableResult
    func policy(of listener: ResourceID, _ fields: String) async throws -> L7Policy {
        let body = Self.bytes("l7policy", #""listener_id":"\#(listener)",\#(fields)"#)
        return try await service.createL7Policy(L7PolicyCreate(body: body), caller).policy
    }

    @discardableResult
    func rule(of policy: ResourceID, _ fields: String) async throws -> ResourceID {
        let request = try L7RuleCreate(body: Self.bytes("rule", fields))
        return try await service.createL7Rule(request, policy: policy, caller).rule.id
    }

    /// Sets the quotas of the caller's project.
    func limit(_ fields: String) async throws {
        let update = try QuotaUpdate(body: Self.bytes("quota", fields))
        _ = try await service.setQuota(ofProject: "p", update, Self.administrator)
    }
}

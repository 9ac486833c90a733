// A trace leads from a use case to the work that it caused, and metrics say what became of that.

import ControlPlane
import InMemoryTracing
import LoadBalancing
import Observability
import OctaviaWire
import ProviderDrivers
import Synchronization
import Testing
import Tracing

@Suite struct TracingTests {
    @Test func workIsLinkedToTheUseCaseBehindIt() async throws {
        let tracer = InMemoryTracer()
        let registry = MetricsRegistry()
        let observation = ControlPlaneObservation(registry: registry, tracer: tracer)
        try await ControlPlaneFixture.run(observation: observation) { fixture in
            var context = InstrumentationContext.topLevel
            context.requestID = "req-1"
            let id = try await tracer.withSpan("request", context: context) { _ in
                try await fixture.create().loadBalancer.id
            }
            #expect(try await fixture.eventually { tracer.finishedSpans.contains { $0.operationName == "reconcile" } })
            let spans = tracer.finishedSpans
            func span(_ name: String) throws -> FinishedInMemorySpan {
                try #require(spans.first { $0.operationName == name }, "\(name) among \(spans.map(\.operationName))")
            }
            let (request, useCase) = (try span("request"), try span("create load balancer"))
            let (work, driver) = (try span("reconcile"), try span("apply amphora"))
            #expect(useCase.parentSpanID == request.spanID)
            #expect(work.traceID == request.traceID && work.parentSpanID == useCase.spanID)
            #expect(work.links.map(\.context.inMemorySpanContext?.spanID) == [useCase.spanID])
            #expect(work.context.requestID == "req-1" && work.context.loadBalancerID == id.string)
            #expect(driver.parentSpanID == work.spanID && driver.context.projectID == "p")
            #expect(work.attributes["ottava.outcome"]?.toSpanAttribute() == .string("applied"))
            // A failure is seen in the span and counted by its cause.
            tracer.clearFinishedSpans()
            fixture.driver.state.withLock { $0.failures = [DataPlaneError(.node, "No.")] }
            var listener = ListenerCreate(listenerProtocol: .http, protocolPort: 80)
            listener.loadBalancerID = id
            _ = try await fixture.service.createListener(listener, fixture.caller)
            #expect(try await fixture.eventually { try await fixture.status(id) == .active })
            #expect(
                try await fixture.eventually {
                    tracer.finishedSpans.filter { $0.operationName == "reconcile" }.count >= 2
                })
            let failed = try #require(tracer.finishedSpans.first { $0.operationName == "apply amphora" })
            #expect(failed.status?.code == .error && failed.errors.count == 1)
            let text = await registry.text()
            #expect(text.contains("ottava_reconcile_failures_total{cause=\"node\"} 1\n"))
            #expect(text.contains("ottava_reconcile_duration_seconds_count{outcome=\"failed\"} 1\n"))
            #expect(text.contains("ottava_reconcile_duration_seconds_count{outcome=\"applied\"} 2\n"))
        }
    }
}

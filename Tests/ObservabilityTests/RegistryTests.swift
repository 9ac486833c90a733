// Metrics and their page.

internal import Metrics
internal import Testing

@testable internal import Observability

struct RegistryTests {
    private func lines(_ registry: MetricsRegistry, _ prefix: String) async -> [String] {
        await registry.text().split(separator: "\n").map(String.init).filter { $0.hasPrefix(prefix) }
    }

    @Test func countersAndGauges() async {
        let registry = MetricsRegistry()
        let counter = registry.counter("a_total", help: "Things.\nMore \\ of them", labels: ["kind"])
        counter.increment("x")
        counter.increment(by: 2.5, "x")
        counter.increment(by: -1, "x")
        counter.increment("y \"quoted\" \\ and\nbroken")
        let gauge = registry.gauge("b", help: "")
        gauge.set(-3)
        gauge.add(0.5)
        #expect(
            await lines(registry, "a_total") == [
                #"a_total{kind="x"} 3.5"#, #"a_total{kind="y \"quoted\" \\ and\nbroken"} 1"#,
            ])
        let text = await registry.text()
        #expect(text.contains("# HELP a_total Things.\\nMore \\\\ of them\n# TYPE a_total counter\n"))
        #expect(text.contains("# TYPE b gauge\nb -2.5\n"))
        #expect(!text.contains("# HELP b "))
        #expect(text.hasSuffix("\n"))
    }

    @Test func histogramsAreCumulative() async {
        let registry = MetricsRegistry()
        let histogram = registry.histogram("h_seconds", help: "Time.", labels: ["route"], buckets: [0.1, 1])
        for value in [0.05, 0.1, 0.5, 7] { histogram.observe(value, "/a") }
        histogram.observe(.nan, "/a")
        histogram.observe(.milliseconds(1_500), "/b")
        #expect(
            await lines(registry, "h_seconds") == [
                #"h_seconds_bucket{route="/a",le="0.1"} 2"#, #"h_seconds_bucket{route="/a",le="1"} 3"#,
                #"h_seconds_bucket{route="/a",le="+Inf"} 4"#, #"h_seconds_sum{route="/a"} 7.65"#,
                #"h_seconds_count{route="/a"} 4"#, #"h_seconds_bucket{route="/b",le="0.1"} 0"#,
                #"h_seconds_bucket{route="/b",le="1"} 0"#, #"h_seconds_bucket{route="/b",le="+Inf"} 1"#,
                #"h_seconds_sum{route="/b"} 1.5"#, #"h_seconds_count{route="/b"} 1"#,
            ])
    }

    @Test func labelValuesAreBounded() async {
        let registry = MetricsRegistry(seriesLimit: 10)
        let counter = registry.counter("c_total", help: "", labels: ["path"])
        for number in 0..<1_000 { counter.increment("/\(number)") }
        counter.increment("/3")
        let found = await lines(registry, "c_total")
        #expect(found.count == 11)
        #expect(found.contains(#"c_total{path="other"} 990"#))
        #expect(found.contains(#"c_total{path="/3"} 2"#))
        let long = MetricsRegistry()
        long.counter("d_total", help: "", labels: ["path"]).increment(String(repeating: "x", count: 5_000))
        #expect(await lines(long, "d_total").allSatisfy { $0.utf8.count < 200 })
    }

    @Test func theFactoryOfSwiftMetrics() async {
        let registry = MetricsRegistry()
        Metrics.Counter(label: "http.requests", dimensions: [("http.method", "GET"), ("a", "b")], factory: registry)
            .increment(by: 3)
        Metrics.Timer(label: "work", dimensions: [], factory: registry).recordMilliseconds(20)
        Meter(label: "level", dimensions: [], factory: registry).set(4)
        Recorder(label: "size", dimensions: [], aggregate: true, factory: registry).record(100)
        Metrics.Gauge(label: "width", dimensions: [], factory: registry).record(1.5)
        let text = await registry.text()
        #expect(text.contains(#"http_requests_total{a="b",http_method="GET"} 3"#))
        #expect(text.contains(#"work_seconds_bucket{le="0.025"} 1"#))
        #expect(text.contains("# TYPE level gauge\nlevel 4\n"))
        #expect(text.contains(#"size_bucket{le="256"} 1"#))
        #expect(text.contains("width 1.5\n"))
        // Two kinds under one name would spoil the whole page.
        _ = registry.gauge("work_seconds", help: "")
        registry.gauge("work_seconds", help: "").set(1)
        #expect(await registry.text().contains("# TYPE work_seconds_gauge gauge\nwork_seconds_gauge 1\n"))
    }

    @Test func namesAreMadeFit() {
        #expect(PrometheusText.metricName("9 lives.of-a:cat") == "_9_lives_of_a:cat")
        #expect(PrometheusText.labelName("a:b") == "a_b")
        #expect(PrometheusText.metricName("") == "_")
        #expect(PrometheusText.number(1e300) == "1e+300")
        #expect(PrometheusText.number(-.infinity) == "-Inf")
        #expect(PrometheusText.number(3) == "3")
    }

    @Test func sourcesThatHangAreLeftBehind() async {
        let registry = MetricsRegistry()
        let good = registry.gauge("good", help: "")
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        registry.onScrape("good") { good.set(7) }
        registry.onScrape("hangs") { for await _ in gate { return } }
        let text = await registry.text()
        #expect(text.contains("good 7\n"))
        #expect(text.contains(#"metrics_source_up{source="good"} 1"#))
        #expect(text.contains(#"metrics_source_up{source="hangs"} 0"#))
        open.yield()
        open.finish()
    }

    @Test func thisProcess() async {
        let registry = MetricsRegistry()
        ProcessMetrics.register(in: registry)
        let text = await registry.text()
        func value(_ name: String) -> Double {
            text.split(separator: "\n").first { $0.hasPrefix("\(name) ") }
                .flatMap { Double($0.split(separator: " ")[1]) } ?? -1
        }
        #expect(value("process_resident_memory_bytes") > 1_000_000)
        #expect(value("process_virtual_memory_bytes") >= value("process_resident_memory_bytes"))
        #expect(value("process_open_fds") >= 3)
        #expect(value("process_max_fds") >= value("process_open_fds"))
        #expect(value("process_threads") >= 1)
        #expect(value("process_cpu_seconds_total") > 0)
        // After 2020.
        #expect(value("process_start_time_seconds") > 1_577_836_800)
    }

    @Test func manyThreadsCountTogether() async {
        let registry = MetricsRegistry()
        let counter = registry.counter("e_total", help: "", labels: ["n"])
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask { for _ in 0..<1_000 { counter.increment("\(task % 2)") } }
            }
        }
        #expect(await lines(registry, "e_total") == [#"e_total{n="0"} 4000"#, #"e_total{n="1"} 4000"#])
    }
}

struct BoundedProbeTests {
    @Test func oneQuestionAtATime() async {
        let registry = MetricsRegistry()
        let asked = registry.counter("asked_total", help: "")
        let probe = BoundedProbe { () async -> Int in
            asked.increment()
            try? await Task.sleep(for: .milliseconds(100))
            return 5
        }
        let answers = await withTaskGroup(of: Int?.self) { group in
            for _ in 0..<50 { group.addTask { await probe.value(within: .seconds(20)) } }
            return await group.reduce(into: [Int?]()) { $0.append($1) }
        }
        #expect(answers.count == 50 && answers.allSatisfy { $0 == 5 })
        #expect(await registry.text().contains("asked_total 1\n"))
        #expect(await probe.value(within: .seconds(20), notOlderThan: .seconds(60)) == 5)
        #expect(await registry.text().contains("asked_total 1\n"))
        #expect(await probe.value(within: .seconds(20)) == 5)
        #expect(await registry.text().contains("asked_total 2\n"))
    }
}

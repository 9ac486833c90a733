// Listeners of protocol PROMETHEUS.

/// Where a process's own metrics come from, and the program that gives them Octavia's names.
///
/// HAProxy's exporter answers on a socket in the folder that the process runs in, and a Lua program within the same
/// process asks it. So the metrics do not depend on the agent, and exist in every network mode.
enum MetricsSource {
    /// The frontend of the exporter. Octavia's has that name too, and users do not see it.
    static let frontend = "prometheus-exporter"
    static let socket = "metrics"
    static let service = "octavia_metrics"

    /// The Lua program. Names follow `octavia/cmd/prometheus_proxy.py`; what HAProxy tells beyond the names there is
    /// named in the same manner.
    static let program = #"""
        -- Written by ottava: HAProxy's metrics under the names that Octavia gives them.

        local function first_line(path)
            local file = io.open(path, "r")
            if not file then return "" end
            local line = file:read("*l") or ""
            file:close()
            return line
        end

        -- Load of the machine for each of its processors, in per cent.
        local function cpu()
            local load = tonumber(first_line("/proc/loadavg"):match("^%S+")) or 0
            local processors = 0
            local file = io.open("/proc/stat", "r")
            if file then
                for line in file:lines() do
                    if line:match("^cpu%d") then processors = processors + 1 end
                end
                file:close()
            end
            return load / math.max(processors, 1) * 100
        end

        -- Memory of the machine that is in use, in per cent.
        local function memory()
            local values = {}
            local file = io.open("/proc/meminfo", "r")
            if not file then return 0 end
            for line in file:lines() do
                local name, value = line:match("^(%w+):%s+(%d+)")
                if name then values[name] = tonumber(value) end
            end
            file:close()
            local total, available = values.MemTotal or 0, values.MemAvailable or 0
            return total > 0 and (total - available) / total * 100 or 0
        end

        local words = { server_aborts = "member_aborts", active_servers = "active_members",
                        backup_servers = "backup_members" }

        -- The name of a metric in Octavia, and what its labels are called there; nothing for what users do not see.
        local function translated(name)
            local scope, rest = name:match("^haproxy_(%a+)_(.+)$")
            if scope == "process" then
                local pool = rest:match("^pool_(.+)$")
                if pool then return "octavia_memory_pool_" .. pool, {} end
                return "octavia_loadbalancer_" .. rest, {}
            elseif scope == "frontend" then
                return "octavia_listener_" .. rest, { proxy = "listener" }
            elseif scope == "backend" then
                for word, other in pairs(words) do rest = rest:gsub("^" .. word, other) end
                return "octavia_pool_" .. rest, { proxy = "pool" }
            elseif scope == "server" then
                return "octavia_member_" .. rest, { proxy = "pool", server = "member" }
            end
        end

        local function translate(line)
            if line:find('proxy="\#(frontend)"', 1, true) then return end
            local kind, name, text = line:match("^# (%u+) (%S+) (.*)$")
            if kind then
                local new = translated(name)
                return new and "# " .. kind .. " " .. new .. " " .. text
            end
            local labels
            name, labels, text = line:match("^([%w_]+)(%b{}) (.*)$")
            if not name then name, text = line:match("^([%w_]+) (.*)$") end
            if not name then return end
            local new, names = translated(name)
            if not new then return end
            if not labels then return new .. " " .. text end
            labels = labels:gsub("(%a+)=", function(label) return (names[label] or label) .. "=" end)
            return new .. labels .. " " .. text
        end

        core.register_service("\#(service)", "http", function(applet)
            local status, body = 502, ""
            local answer = core.httpclient():get({
                url = "http://metrics/metrics", dst = "unix@\#(socket)", timeout = 5000 })
            if answer and answer.status == 200 then
                local lines = {
                    "# HELP octavia_loadbalancer_cpu Load balancer CPU utilization (percentage).",
                    "# TYPE octavia_loadbalancer_cpu gauge",
                    string.format("octavia_loadbalancer_cpu %.1f", cpu()),
                    "# HELP octavia_loadbalancer_memory Load balancer memory utilization (percentage).",
                    "# TYPE octavia_loadbalancer_memory gauge",
                    string.format("octavia_loadbalancer_memory %.1f", memory()),
                }
                for line in answer.body:gmatch("[^\n]+") do
                    local new = translate(line)
                    if new then lines[#lines + 1] = new end
                end
                status, body = 200, table.concat(lines, "\n") .. "\n"
            end
            applet:set_status(status)
            applet:add_header("cache-control", "no-cache")
            applet:add_header("content-type", "text/plain; version=0.0.4")
            applet:add_header("content-length", tostring(#body))
            applet:start_response()
            if applet.method ~= "HEAD" then applet:send(body) end
        end)

        """#
}

extension HAProxyConfiguration {
    var servesMetrics: Bool { frontends.contains(where: \.servesMetrics) }

    /// Has the program loaded.
    func renderMetricsProgram(into writer: inout HAProxyConfigurationWriter) throws(UnwritableValue) {
        guard servesMetrics else { return }
        try writer.line("lua-load", .value("../\(DataPlaneFile.metricsProgram)"))
    }

    /// Writes the frontend that the program asks.
    func renderMetricsSource(into writer: inout HAProxyConfigurationWriter) throws(UnwritableValue) {
        guard servesMetrics else { return }
        try writer.section("frontend", .value(MetricsSource.frontend))
        try writer.line("mode", "http")
        var words: [HAProxyConfigurationWriter.Word] = [
            "bind", .value("unix@\(MetricsSource.socket)"), "mode", "600",
        ]
        if let credentials = process.credentials {
            words += ["uid", .number(Int(credentials.user)), "gid", .number(Int(credentials.group))]
        }
        try writer.line(words)
        try writer.line("timeout", "client", "5s")
        try writer.line("http-request", "use-service", "prometheus-exporter")
    }
}

extension HAProxyConfiguration.Frontend {
    /// Answers with the metrics of this process, which is this load balancer and no other.
    func renderMetrics(into writer: inout HAProxyConfigurationWriter) throws(UnwritableValue) {
        guard servesMetrics else { return }
        try writer.line(
            "http-request", "use-service", .value("lua.\(MetricsSource.service)"), "if", "{", "path", "/metrics", "}")
        try writer.line(
            "http-request", "return", "status", "404", "content-type", "text/plain", "string",
            .value("The metrics of this load balancer are at /metrics."))
    }
}

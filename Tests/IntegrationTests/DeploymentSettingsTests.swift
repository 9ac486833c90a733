// What a deployment allows, told to the server by its environment.

internal import JSON
internal import TestSupport
internal import Testing

extension IntegrationTests {
    @Suite struct DeploymentSettingsTests {
        @Test func ciphersVersionsAndNetworksAreSettings() async throws {
            let environment = [
                "OTTAVA_TLS_CIPHER_PROHIBIT_LIST": "RC4:DES-CBC3-SHA", "OTTAVA_MINIMUM_TLS_VERSION": "TLSv1.2",
                "OTTAVA_DENYLIST_VIP_NETWORKS": "11111111-2222-4333-8444-555555555503",
            ]
            try await ServerProcess.with(isEphemeral: true, environment: environment) { server in
                let client = try server.demo()
                let id = try client.createLoadBalancer("settings").id
                func refusal(_ fields: [String: JSONValue]) throws -> String? {
                    let pool: [String: JSONValue] = [
                        "loadbalancer_id": .string(id), "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN",
                        "tls_enabled": true,
                    ]
                    let answer = try client.send(
                        "POST", "pools", ["pool": .object(pool.merging(fields) { $1 })])
                    return answer.status == 400 ? answer.json["faultstring"]?.string : "\(answer.status)"
                }
                #expect(
                    try refusal(["tls_ciphers": "A:DES-CBC3-SHA:RC4"])
                        == "Validation failure: The following ciphers have been prohibited by an administrator: DES-CBC3-SHA, RC4"
                )
                #expect(
                    try refusal(["tls_versions": ["TLSv1.3", "TLSv1.1"]])
                        == "Validation failure: Requested TLS versions are less than the minimum: TLSv1.1 < TLSv1.2")
                #expect(try refusal(["tls_versions": ["TLSv1.2"]]) == "201")
                try await client.settle(id)
                try client.delete(.loadBalancers, id, query: "?cascade=true")
            }
        }

        @Test(
            "Settings that cannot be used end the start",
            arguments: [
                ["OTTAVA_MINIMUM_TLS_VERSION": "TLSv9"], ["OTTAVA_VALID_VIP_NETWORKS": "private"],
                ["OTTAVA_DENYLIST_VIP_NETWORKS": "11111111-2222-4333-8444-555555555503,x"],
            ])
        func refusedSettings(environment: [String: String]) async throws {
            await #expect(throws: (any Error).self) {
                try await ServerProcess.with(isEphemeral: true, environment: environment) { _ in }
            }
        }
    }
}

// What a plugin and Terraform agree on before they speak.

import Testing

@testable import TerraformPlugin

@Suite struct HandshakeTests {
    private let cookie = [Handshake.cookie.name: Handshake.cookie.value]

    @Test func onlyTerraformStartsIt() {
        #expect(throws: HandshakeError.notStartedByTerraform) { try Handshake(environment: [:]) }
        #expect(throws: HandshakeError.notStartedByTerraform) {
            try Handshake(environment: [Handshake.cookie.name: "other"])
        }
    }

    @Test func itTakesPartInProtocolVersionSixOnly() throws {
        #expect(throws: HandshakeError.noCommonVersion([4, 5])) {
            try Handshake(environment: cookie.merging(["PLUGIN_PROTOCOL_VERSIONS": "4,5"]) { $1 })
        }
        let handshake = try Handshake(
            environment: cookie.merging(["PLUGIN_PROTOCOL_VERSIONS": "5,6", "PLUGIN_UNIX_SOCKET_DIR": "/run/x"]) { $1 })
        #expect(handshake.socketFolder == "/run/x")
        #expect(handshake.clientCertificate == nil)
    }

    @Test func theAnswerIsOneLine() {
        #expect(Handshake.answer(socket: "/tmp/plugin1", certificate: "MII") == "1|6|unix|/tmp/plugin1|grpc|MII\n")
    }
}

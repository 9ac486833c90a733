// What is planned from configuration and state.

import Testing

@testable import TerraformPlugin

@Suite struct PlannerTests {
    private let schema = Schema(
        "A shelf.",
        [
            .string("id", .computed, "Its id."),
            .string("place", .required, "Where it stands.", requiresReplacement: true),
            .string("label", .optional, "What it is called.", default: ""),
            .string("color", .optionalComputed, "Its color."),
            .string("changed_at", .computed, "When it was changed.", changesWithUpdates: true),
            .nested(
                "books", .map, .optional, "What stands in it.",
                [
                    .string("id", .computed, "Its id."), .string("title", .required, "Its title."),
                    .number("copies", .optional, "How many.", default: 1),
                ]),
        ],
        blocks: [
            NestedBlock(
                "drawer", .set, "Drawers.",
                [
                    .string("id", .computed, "Its id."), .string("side", .required, "Where it is."),
                    .string("content", .optional, "What is in it."),
                ], identity: ["side"]),
            .timeouts(create: "10m"),
        ])

    private func config(_ members: [String: Value]) -> Value {
        Value.object(members).settled(onto: .unknown, schema.type)
    }

    private var state: Value {
        [
            "id": "1", "place": "hall", "label": "", "color": "red", "changed_at": "today",
            "books": ["a": ["id": "11", "title": "A", "copies": 1]],
            "drawer": [["id": "21", "side": "left", "content": ""]], "timeouts": nil,
        ]
    }

    @Test func whatTheProviderChoosesIsUnknownAtFirst() {
        let (planned, replacements) = Planner.plan(
            schema, config: config(["place": "hall", "books": ["a": ["title": "A"]]]), prior: .null)
        #expect(planned["id"] == .unknown)
        #expect(planned["color"] == .unknown)
        #expect(planned["label"] == "")
        #expect(planned["books"]["a"] == ["id": .unknown, "title": "A", "copies": 1])
        #expect(replacements.isEmpty)
    }

    @Test func nothingChangesWithoutAChange() {
        let wanted = config([
            "place": "hall", "books": ["a": ["title": "A", "id": nil, "copies": nil]],
            "drawer": [["id": nil, "side": "left", "content": nil]],
        ])
        let (planned, replacements) = Planner.plan(schema, config: wanted, prior: state)
        #expect(planned.isEquivalent(to: state, schema.type))
        #expect(planned["changed_at"] == "today")
        #expect(planned["drawer"][0]["id"] == "21")
        #expect(replacements.isEmpty)
    }

    @Test func aChangeLeavesTheRestKnown() {
        let wanted = config([
            "place": "hall", "label": "new",
            "books": ["b": ["title": "B", "id": nil, "copies": 2], "a": ["title": "A", "id": nil, "copies": nil]],
            "drawer": [
                ["id": nil, "side": "right", "content": "x"], ["id": nil, "side": "left", "content": "changed"],
            ],
        ])
        let (planned, _) = Planner.plan(schema, config: wanted, prior: state)
        #expect(planned["id"] == "1")
        #expect(planned["color"] == "red")
        #expect(planned["changed_at"] == .unknown)
        #expect(planned["books"]["a"]["id"] == "11")
        #expect(planned["books"]["b"]["id"] == .unknown)
        #expect(planned["drawer"][0]["id"] == .unknown)
        #expect(planned["drawer"][1] == ["id": "21", "side": "left", "content": "changed"])
    }

    @Test func someChangesNeedANewObject() {
        let (_, replacements) = Planner.plan(schema, config: config(["place": "cellar"]), prior: state)
        #expect(replacements == [.attribute("place")])
        let (_, unknown) = Planner.plan(schema, config: config(["place": .unknown]), prior: state)
        #expect(unknown.isEmpty == false)
    }

    @Test func answersKeepTheFormOfThePlan() {
        let planned: Value = [
            "id": .unknown, "place": "hall", "label": "", "color": nil, "changed_at": .unknown, "books": nil,
            "drawer": [
                ["id": .unknown, "side": "left", "content": ""], ["id": .unknown, "side": "right", "content": nil],
            ],
            "timeouts": nil,
        ]
        let answer: Value = [
            "id": "1", "place": "hall", "color": "", "books": [:],
            "drawer": [["id": "22", "side": "right", "content": ""], ["id": "21", "side": "left"]],
        ]
        #expect(
            answer.settled(onto: planned, schema.type) == [
                "id": "1", "place": "hall", "label": "", "color": nil, "changed_at": nil, "books": nil,
                "drawer": [
                    ["id": "22", "side": "right", "content": nil], ["id": "21", "side": "left", "content": ""],
                ],
                "timeouts": nil,
            ])
    }

    @Test func rulesNameWhatIsAllowed() {
        let schema = Schema(
            "A door.",
            [
                .string("kind", .required, "Its kind.", rules: [.oneOf(["HINGED", "SLIDING"])]),
                .nested(
                    "locks", .map, .optional, "Locks.",
                    [.number("pins", .required, "Pins.", rules: [.range(3...8)])]),
            ])
        var diagnostics = Diagnostics()
        schema.validate(["kind": "hinged", "locks": ["front": ["pins": 9], "back": ["pins": .unknown]]], &diagnostics)
        #expect(diagnostics.all.map(\.path) == [.attribute("kind"), .attribute("locks").key("front").name("pins")])
        #expect(diagnostics.all[0].detail.contains("Did you mean \"HINGED\"?"))
        #expect(diagnostics.all[1].detail == "9 must be a whole number from 3 to 8.")
        var none = Diagnostics()
        schema.validate(["kind": .unknown, "locks": nil], &none)
        #expect(none.all.isEmpty)
    }

    @Test(arguments: [("10m", 600), ("1h30m", 5400), ("45s", 45), ("1.5m", 90)])
    func timesAreReadAsGoWritesThem(_ example: (String, Int)) {
        #expect(Duration(goText: example.0) == .seconds(example.1))
    }

    @Test(arguments: ["", "10", "m", "-5m", "0s", "10x", "1h 30m"]) func otherTimesAreRefused(_ text: String) {
        #expect(Duration(goText: text) == nil)
    }
}

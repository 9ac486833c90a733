// The program `ottava`.

internal import OttavaClientCommand
internal import OttavaCommand

@main
struct Program {
    static func main() async {
        await CommandRunner.main(OttavaCommand.self)
    }
}

// The program `ottava`.

internal import ArgumentParser
internal import OttavaCommand

@main
struct Program {
    static func main() async {
        await OttavaCommand.main()
    }
}

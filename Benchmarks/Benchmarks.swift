// Measures a release build of the program from outside.

@main
struct Benchmarks {
    static func main() async {}
}

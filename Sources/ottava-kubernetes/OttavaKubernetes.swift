// The program: all of it is in OttavaKubernetesCommand.

internal import ArgumentParser
internal import OttavaKubernetesCommand

@main
enum OttavaKubernetes {
    static func main() async {
        await ControllerCommand.main()
    }
}

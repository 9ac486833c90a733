// The program: all of it is in OttavaKubernetesCommand.

import OttavaKubernetesCommand

@main
enum OttavaKubernetes {
    static func main() async {
        await ControllerCommand.main()
    }
}

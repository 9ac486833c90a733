// Which Ingresses are the controller's.

internal import KubernetesClient

/// Decides by annotation, class and default class.
struct IngressSelection {
    let settings: IngressSettings
    let classes: [IngressClass]

    func concerns(_ ingress: Ingress) -> Bool {
        // The annotation is older and comes first (Ingress API, "Deprecated annotation").
        if let name = ingress.metadata.annotations[Ingress.classAnnotation], !name.isEmpty {
            return settings.classes.contains(name) || isOurs(name)
        }
        if let name = ingress.spec.ingressClassName, !name.isEmpty { return isOurs(name) }
        return classes.contains { $0.isDefault && $0.spec.controller == settings.controllerName }
    }

    /// The class that an Ingress names if there is none of that name, so that nobody serves it.
    func missingClass(_ ingress: Ingress) -> String? {
        guard (ingress.metadata.annotations[Ingress.classAnnotation] ?? "").isEmpty,
            let name = ingress.spec.ingressClassName, !name.isEmpty,
            !classes.contains(where: { $0.metadata.name == name })
        else { return nil }
        return name
    }

    private func isOurs(_ name: String) -> Bool {
        classes.contains { $0.metadata.name == name && $0.spec.controller == settings.controllerName }
    }
}

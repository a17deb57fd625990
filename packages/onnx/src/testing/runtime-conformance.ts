export function runtimeConformance(): void {}

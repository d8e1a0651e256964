/** Where a Python usually is. */
export function usualPythons(platform: NodeJS.Platform): readonly string[] {
  return platform === 'win32' ? ['py', 'python', 'python3'] : ['python3', 'python'];
}

/** What a program needs to find its libraries, its GPU and its temporary folder. Everything else may be a secret. */
const KEPT = new Set([
  'PATH',
  'HOME',
  'USERPROFILE',
  'TMPDIR',
  'TMP',
  'TEMP',
  'LANG',
  'LC_ALL',
  'TZ',
  'SYSTEMROOT',
  'WINDIR',
  'SYSTEMDRIVE',
  'APPDATA',
  'LOCALAPPDATA',
  'PROGRAMDATA',
  'PROGRAMFILES',
  'LD_LIBRARY_PATH',
  'DYLD_LIBRARY_PATH',
  'XDG_RUNTIME_DIR',
]);
const KEPT_FAMILIES = /^(CUDA|NVIDIA|VK|VULKAN|GGML|METAL|HSA|HIP|ROCR)_/;

/** Of those families too: NVIDIA's API has its key in NVIDIA_API_KEY. */
const SECRET = /KEY|TOKEN|SECRET|PASSW|CREDENTIAL/;

/**
 * The environment of an engine: no token of the parent's is in it.
 *
 * Node's permission model is not used beside it: it asks for add-ons and child processes to be allowed (node-llama-cpp
 * tries its binary in one), and does not confine what a native library does, which is who reads the model file.
 */
export function engineEnvironment(parent: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(parent).filter(([name]) => {
      const upper = name.toUpperCase();
      return KEPT.has(upper) || (KEPT_FAMILIES.test(upper) && !SECRET.test(upper));
    }),
  );
}

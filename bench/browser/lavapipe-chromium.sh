#!/bin/sh
# lavapipe-chromium.sh: a Debian Chromium whose WebGPU adapter is Mesa's lavapipe
#
#   bench/browser/lavapipe-chromium.sh FOLDER     (needs gcc; takes 300 MB)
#
# Start FOLDER/chromium with VK_ICD_FILENAMES and VK_DRIVER_FILES = FOLDER/lavapipe-shim.json, XDG_RUNTIME_DIR set,
# --no-sandbox and --enable-unsafe-webgpu. adapter.info still says SwiftShader: tell it by shader-f16 and 8 lanes.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)
from=/usr/lib/chromium

ln -sf "$from"/* "$folder/"
# Chromium looks for its libraries beside the file that it runs, not beside a link's target.
for name in chromium libvulkan.so.1 libEGL.so libGLESv2.so; do cp --remove-destination "$from/$name" "$folder/$name"; done
rm -f "$folder/libvk_swiftshader.so" "$folder/vk_swiftshader_icd.json"
gcc -O1 -shared -fPIC -fvisibility=hidden -o "$folder/lavapipe-shim.so" "$here/lavapipe-shim.c" -ldl
icd() { printf '{"file_format_version": "1.0.0", "ICD": {"library_path": "%s", "api_version": "1.3.0"}}\n' "$1"; }
icd "$folder/lavapipe-shim.so" > "$folder/lavapipe-shim.json"
icd "$(find /usr/lib -name libvulkan_lvp.so | head -1)" > "$folder/vk_swiftshader_icd.json"

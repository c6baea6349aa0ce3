// lavapipe-shim.c: Mesa's lavapipe under SwiftShader's name
//
// Chromium offers a software Vulkan driver to WebGPU only if it calls itself SwiftShader. This driver forwards everything to
// lavapipe and changes two numbers of its description. lavapipe-chromium.sh builds it.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <string.h>

#define LAVAPIPE "libvulkan_lvp.so"
#define EXPORT __attribute__((visibility("default")))

typedef void (*Function)(void);
typedef Function (*Lookup)(void *, const char *);
typedef void (*Describe)(void *, void *);

// The head of VkPhysicalDeviceProperties, and of VkPhysicalDeviceProperties2, which wraps it.
struct Properties { uint32_t apiVersion, driverVersion, vendorID, deviceID; };
struct Properties2 { uint32_t type; void *next; struct Properties properties; };

static Describe describe, describe2;

static void *lavapipe(const char *name) {
  static void *library;
  if (!library) library = dlopen(LAVAPIPE, RTLD_NOW | RTLD_LOCAL);
  return library ? dlsym(library, name) : 0;
}

static void disguise(struct Properties *properties) {
  properties->vendorID = 0x1AE0;
  properties->deviceID = 0xC0DE;
}

static void properties(void *device, struct Properties *out) {
  describe(device, out);
  disguise(out);
}

static void properties2(void *device, struct Properties2 *out) {
  describe2(device, out);
  disguise(&out->properties);
}

static Function replaced(const char *name, Function found) {
  if (!found) return found;
  if (!strcmp(name, "vkGetPhysicalDeviceProperties")) return describe = (Describe)found, (Function)properties;
  if (!strcmp(name, "vkGetPhysicalDeviceProperties2") || !strcmp(name, "vkGetPhysicalDeviceProperties2KHR"))
    return describe2 = (Describe)found, (Function)properties2;
  return found;
}

EXPORT Function vk_icdGetInstanceProcAddr(void *instance, const char *name) {
  Lookup lookup = (Lookup)lavapipe("vk_icdGetInstanceProcAddr");
  return lookup ? replaced(name, lookup(instance, name)) : 0;
}

EXPORT Function vk_icdGetPhysicalDeviceProcAddr(void *instance, const char *name) {
  Lookup lookup = (Lookup)lavapipe("vk_icdGetPhysicalDeviceProcAddr");
  return lookup ? replaced(name, lookup(instance, name)) : 0;
}

EXPORT int32_t vk_icdNegotiateLoaderICDInterfaceVersion(uint32_t *version) {
  int32_t (*negotiate)(uint32_t *) = (int32_t(*)(uint32_t *))lavapipe("vk_icdNegotiateLoaderICDInterfaceVersion");
  return negotiate ? negotiate(version) : -3;
}

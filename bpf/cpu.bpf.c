#include "abi.h"
char program_license[] __attribute__((section("license"), used)) = "GPL";

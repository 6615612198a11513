/** The Java side of {@code bpf/abi.h}, compared with the object's BTF by a test. */
package io.perfagent.bpf.abi;

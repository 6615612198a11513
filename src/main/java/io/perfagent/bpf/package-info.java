/** libbpf through the foreign function interface: object, maps, ring buffer, links. */
package io.perfagent.bpf;

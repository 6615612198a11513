/** What machine code itself says of its frames, where no call-frame information does: instructions decoded, and followed to where they return. */
package io.perfagent.unwind.x86_64.flow;

/** What a running HotSpot JVM says of its code cache, read from its memory. */
package io.perfagent.unwind.hotspot;

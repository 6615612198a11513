/** Where HotSpot keeps the code that it makes, and how large the frames of that are. */
package io.perfagent.runtime.hotspot;

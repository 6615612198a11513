/** Files into tables: whatever describes frames in a file becomes rows. */
package io.perfagent.unwind;

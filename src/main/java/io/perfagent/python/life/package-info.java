/** Which targets have their trampolines on, from when, and off again whatever happens. */
package io.perfagent.python.life;

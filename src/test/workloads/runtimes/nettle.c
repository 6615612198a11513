/* leaf of libnettle <- work <- handler <- main. The argument names the hash, or camellia256. */
#include <nettle/camellia.h>
#include <nettle/nettle-meta.h>
#include <string.h>

#include "../truth.h"

static uint8_t data[65536], out[65536];

FRAME void work(const struct nettle_hash *hash)
{
	if (hash) {
		_Alignas(16) char state[1024];
		uint8_t digest[64];
		hash->init(state);
		hash->update(state, sizeof data, data);
		hash->digest(state, hash->digest_size, digest);
	} else {
		struct camellia256_ctx keys;
		camellia256_set_encrypt_key(&keys, data);
		camellia256_crypt(&keys, sizeof data, out, data);
	}
	KEEP_CALLER();
}

FRAME void handler(const struct nettle_hash *hash)
{
	for (int i = 0; i < 4; i++)
		work(hash);
	KEEP_CALLER();
}

int main(int argc, char **argv)
{
	const struct nettle_hash *hash = argc > 1 ? nettle_lookup_hash(argv[1]) : NULL;
	ready(1, argv);
	for (;;)
		handler(hash);
}

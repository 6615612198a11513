/* leaf of libgmp <- work <- handler <- main. The argument says what is reckoned: mul, powm. */
#include <gmp.h>
#include <string.h>

#include "../truth.h"

static mpz_t a, b, modulus, result;

FRAME void work(int power)
{
	if (power)
		mpz_powm(result, a, b, modulus);
	else
		mpz_mul(result, a, b);
	KEEP_CALLER();
}

FRAME void handler(int power)
{
	for (int i = 0; i < 4; i++)
		work(power);
	KEEP_CALLER();
}

int main(int argc, char **argv)
{
	int power = argc > 1 && !strcmp(argv[1], "powm");
	int bits = power ? 2048 : 200000;
	gmp_randstate_t random;
	gmp_randinit_default(random);
	mpz_inits(a, b, modulus, result, NULL);
	mpz_urandomb(a, random, bits);
	mpz_urandomb(b, random, bits);
	mpz_urandomb(modulus, random, bits);
	mpz_setbit(modulus, 0);
	ready(1, argv);
	for (;;)
		handler(power);
}

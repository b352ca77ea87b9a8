"""Strategies of Hypothesis that give random spells; Hypothesis gives the seed only, see hrgcore.testing.spells."""

from hypothesis import strategies as st

from hrgcore.testing.spells import Pools, Spell, random_batch, random_spell

SEEDS = st.randoms(use_true_random=True)


def spells(pools: Pools, *, most_episodes: int = 6, sloppy: bool | None = None) -> st.SearchStrategy[Spell]:
    return SEEDS.map(lambda random: random_spell(random, pools, most_episodes=most_episodes, sloppy=sloppy))


def batches(pools: Pools, most_spells: int = 8) -> st.SearchStrategy[Spell]:
    return SEEDS.map(lambda random: random_batch(random, pools, most_spells))

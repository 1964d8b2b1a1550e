from . import loyalty_program, loyalty_reward, loyalty_rule

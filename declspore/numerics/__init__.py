"""What words of several rooms share: shape rules, formulas, arguments."""

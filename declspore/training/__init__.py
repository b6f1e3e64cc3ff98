"""The training engine: the one way in which networks are trained, from a spec and from Python.

A step runs in stages whose order is fixed (:class:`declspore.registry.policy.Stage`): forward,
scale the loss, gradients, reduce over devices, check that they are finite, clip, accumulate,
update, average. Several steps run as one execution where no policy needs a pause. At a pause the
policies are asked in the order of their phases, and then what they requested is done.

The position of a training is its global step. Together with the values of all variables and the
states of the policies it is the whole state (:mod:`declspore.training.state`).
"""

"""Two networks that train each other, each with an optimizer of its own."""

import mindspore as ms
import numpy as np
from mindspore import Tensor, nn, ops


class Generator(nn.Cell):
    def __init__(self):
        super().__init__()
        cells = [nn.Dense(4, 16), nn.BatchNorm1d(16), nn.LeakyReLU(0.2), nn.Dense(16, 8), nn.Tanh()]
        self.net = nn.SequentialCell(*cells)

    def construct(self, noise):
        return self.net(noise)


class Discriminator(nn.Cell):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Dense(8, 16)
        self.act = nn.LeakyReLU(0.2)
        self.out = nn.Dense(16, 1)
        self.sigmoid = nn.Sigmoid()

    def construct(self, x):
        return self.sigmoid(self.out(self.act(self.hidden(x))))


def fixed(net, first):
    for number, parameter in enumerate(net.get_parameters()):
        if parameter.name.endswith(("weight", "bias")):
            draws = np.random.RandomState(first + number).randn(*parameter.shape) * 0.3
            parameter.set_data(Tensor(draws.astype(np.float32)))
    return net


ms.set_seed(1)
generator, discriminator = fixed(Generator(), 0), fixed(Discriminator(), 50)
generator.update_parameters_name("generator.")
discriminator.update_parameters_name("discriminator.")
print([p.name for p in generator.trainable_params()])
optimizers = [
    nn.Adam(net.trainable_params(), learning_rate=2e-3, beta1=0.5, beta2=0.999)
    for net in (generator, discriminator)
]
loss_fn = nn.BCELoss(reduction="mean")


def generator_forward(noise, valid):
    fake = generator(noise)
    return loss_fn(discriminator(fake), valid), fake


def discriminator_forward(real, fake, valid, invalid):
    return (loss_fn(discriminator(real), valid) + loss_fn(discriminator(fake), invalid)) / 2


generator_step = ms.value_and_grad(generator_forward, None, optimizers[0].parameters, has_aux=True)
discriminator_step = ms.value_and_grad(discriminator_forward, None, optimizers[1].parameters)


def train_step(real, noise):
    valid = ops.ones((real.shape[0], 1), ms.float32)
    invalid = ops.zeros((real.shape[0], 1), ms.float32)
    (generator_loss, fake), gradients = generator_step(noise, valid)
    optimizers[0](gradients)
    found, gradients = discriminator_step(real, ops.stop_gradient(fake), valid, invalid)
    optimizers[1](gradients)
    return generator_loss, found, fake


draws = np.random.RandomState(7)
data = [
    (draws.randn(16, 8).astype(np.float32), draws.randn(16, 4).astype(np.float32)) for _ in range(6)
]
generator.set_train()
discriminator.set_train()
for epoch in range(2):
    for number, (real, noise) in enumerate(data):
        one, other, fake = train_step(Tensor(real), Tensor(noise))
        if number % 3 == 0:
            print(f"epoch {epoch} step {number}: {one.asnumpy():.3f} {other.asnumpy():.3f}")
generator.set_train(False)
noise = Tensor(data[0][1])
out = generator(noise)
print(out.shape, [round(float(v), 2) for v in out.asnumpy()[0, :4]])
ms.save_checkpoint(generator, "generator.ckpt")
print(sorted(ms.load_checkpoint("generator.ckpt")))
again = Generator()
again.update_parameters_name("generator.")
print(ms.load_param_into_net(again, ms.load_checkpoint("generator.ckpt")))
again.set_train(False)
print(bool(np.allclose(again(noise).asnumpy(), out.asnumpy(), atol=1e-6)))
print(fake.mean(axis=0).shape, f"{float(fake.std()):.2f}", ops.concat((fake, out)).shape)

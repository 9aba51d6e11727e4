"""Models in many styles, as source, with what a reader says of each."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Style:
    """A way of writing a model.

    Attributes:
        source: Defines ``model``; may set ``inputs`` (``(n, 2)`` floats otherwise).
        layers: Kinds of the layers with weights.
        hidden: Units and activation of each but the last.
        ending: Output activation; ``None`` where it must be unknown.
        ingredients: Sorted.
        unused: What takes no part.
    """

    source: str
    layers: list[str]
    hidden: list[tuple[int, str]] | None
    ending: str | None = "linear"
    ingredients: list[str] = field(default_factory=list)
    unused: tuple[str, ...] = ()


def net(init: str, forward: str, *, before: str = "", after: str = "model = Net()") -> str:
    """A class with these lines in its two methods."""
    lines = "\n".join("        " + line.strip("\n") for line in init.strip().split("\n"))
    body = "\n".join("        " + line for line in forward.strip("\n").split("\n"))
    return (
        f"{before}\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        f"{lines}\n    def forward(self, x):\n{body}\n{after}\n"
    )


IMAGES = "inputs = torch.randn(24, 1, 8, 8)\n"
WORDS = "inputs = torch.randint(0, 20, (24, 6))\n"
SERIES = "inputs = torch.randn(24, 6, 3)\n"
WIDE = "inputs = torch.randn(24, 8)\n"
DD = ["dense", "dense"]
DDD = ["dense", "dense", "dense"]

STYLES: dict[str, Style] = {
    "sequential": Style(
        "model = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 3))",
        DD,
        [(8, "relu")],
        ingredients=["dropout"],
    ),
    "dropout-of-rate-0": Style(
        "model = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Dropout(0.0), nn.Linear(8, 3))",
        DD,
        [(8, "relu")],
    ),
    "functional-dropout": Style(
        net(
            "self.a, self.b = nn.Linear(2, 8), nn.Linear(8, 3)",
            "x = F.dropout(torch.tanh(self.a(x)), 0.3, training=self.training)\nreturn self.b(x)",
        ),
        DD,
        [(8, "tanh")],
        ingredients=["dropout"],
    ),
    "residual": Style(
        net(
            "self.a, self.b, self.c = nn.Linear(2, 8), nn.Linear(8, 8), nn.Linear(8, 1)",
            "h = F.relu(self.a(x))\nh = h + F.relu(self.b(h))\n"
            "return torch.sigmoid(self.c(h)).squeeze(1)",
        ),
        DDD,
        [(8, "relu"), (8, "relu")],
        "sigmoid",
        ["residual"],
    ),
    "residual-before-activation": Style(
        net(
            "self.a, self.b, self.c = nn.Linear(2, 8), nn.Linear(8, 8), nn.Linear(8, 1)",
            "h = F.gelu(self.a(x))\nh = F.gelu(self.b(h) + h)\nreturn self.c(h)",
        ),
        DDD,
        [(8, "gelu"), (8, "gelu")],
        ingredients=["residual"],
    ),
    "residual-at-the-end": Style(
        net(
            "self.a, self.b = nn.Linear(2, 8), nn.Linear(8, 2)",
            "return x + self.b(F.elu(self.a(x)))",
        ),
        DD,
        [(8, "elu")],
        ingredients=["residual"],
    ),
    "concatenated": Style(
        net(
            "self.a, self.b, self.c = nn.Linear(2, 8), nn.Linear(10, 8), nn.Linear(18, 3)",
            "h = torch.cat([x, F.relu(self.a(x))], 1)\n"
            "return F.log_softmax(self.c(torch.cat([h, F.silu(self.b(h))], dim=1)), dim=1)",
        ),
        DDD,
        [(8, "relu"), (8, "silu")],
        "log_softmax",
        ["concatenate"],
    ),
    "two-towers": Style(
        WIDE
        + net(
            "self.a, self.b, self.c = nn.Linear(4, 5), nn.Linear(4, 6), nn.Linear(11, 2)",
            "l, r = x[:, :4], x[:, 4:]\n"
            "return self.c(torch.cat((torch.relu(self.a(l)), torch.tanh(self.b(r))), dim=1))",
        ),
        DDD,
        [(5, "relu"), (6, "tanh")],
        ingredients=["concatenate"],
    ),
    "gated": Style(
        net(
            "self.a, self.g, self.c = nn.Linear(2, 8), nn.Linear(2, 8), nn.Linear(8, 2)",
            "return self.c(torch.tanh(self.a(x)) * torch.sigmoid(self.g(x)))",
        ),
        DDD,
        [(8, "tanh"), (8, "sigmoid")],
    ),
    "shared-layer": Style(
        net(
            "self.a, self.b, self.c = nn.Linear(2, 8), nn.Linear(8, 8), nn.Linear(8, 2)\n"
            "self.act = nn.LeakyReLU(0.1)",
            "x = self.act(self.a(x))\nx = self.act(self.b(x))\nx = self.act(self.b(x))\n"
            "return self.c(x)",
        ),
        ["dense"] * 4,
        [(8, "leaky_relu")] * 3,
    ),
    "module-list": Style(
        net(
            "self.layers = nn.ModuleList([nn.Linear(2, 8), nn.Linear(8, 8), nn.Linear(8, 3)])",
            "for layer in self.layers[:-1]:\n    x = F.softplus(layer(x))\n"
            "return F.softmax(self.layers[-1](x), dim=-1)",
        ),
        DDD,
        [(8, "softplus")] * 2,
        "softmax",
    ),
    "module-dict": Style(
        net(
            "self.parts = nn.ModuleDict({'one': nn.Linear(2, 8), 'act': nn.Hardswish(), "
            "'two': nn.Linear(8, 3)})",
            "for part in self.parts.values():\n    x = part(x)\nreturn x",
        ),
        DD,
        [(8, "hard_silu")],
    ),
    "plain-list-of-functions": Style(
        net(
            "self.a, self.b = nn.Linear(2, 8), nn.Linear(8, 3)\n"
            "self.steps = [self.a, torch.relu, self.b]",
            "for step in self.steps:\n    x = step(x)\nreturn x",
        ),
        DD,
        [(8, "relu")],
    ),
    "parameters-by-hand": Style(
        net(
            "self.W1, self.b1 = nn.Parameter(torch.randn(2, 8)), nn.Parameter(torch.zeros(8))\n"
            "self.W2, self.b2 = nn.Parameter(torch.randn(8, 2)), nn.Parameter(torch.zeros(2))",
            "h = torch.relu(x @ self.W1 + self.b1)\nreturn h @ self.W2 + self.b2",
        ),
        DD,
        [(8, "relu")],
    ),
    "functional-linear": Style(
        net(
            "self.W1 = nn.Parameter(torch.randn(8, 2))\nself.W2 = nn.Parameter(torch.randn(1, 8))",
            "return F.linear(F.linear(x, self.W1).tanh(), self.W2)",
        ),
        DD,
        [(8, "tanh")],
    ),
    "weight-vector": Style(
        net(
            "self.W1 = nn.Parameter(torch.randn(2, 8))\nself.w = nn.Parameter(torch.randn(8))",
            "return torch.sigmoid(torch.matmul(x, self.W1).relu() @ self.w)",
        ),
        DD,
        [(8, "relu")],
        "sigmoid",
    ),
    "einsum": Style(
        net(
            "self.W1 = nn.Parameter(torch.randn(2, 8))\nself.W2 = nn.Parameter(torch.randn(8, 3))",
            "h = torch.einsum('ni,ij->nj', x, self.W1).relu()\n"
            "return torch.einsum('ni,ij->nj', h, self.W2)",
        ),
        DD,
        [(8, "relu")],
    ),
    "sigmoid-as-a-formula": Style(
        net(
            "self.a, self.b = nn.Linear(2, 8), nn.Linear(8, 1)",
            "return 1 / (1 + torch.exp(-self.b(torch.relu(self.a(x)))))",
        ),
        DD,
        [(8, "relu")],
        "sigmoid",
    ),
    "softmax-as-a-formula": Style(
        net(
            "self.a, self.b = nn.Linear(2, 8), nn.Linear(8, 3)",
            "z = self.b(torch.relu(self.a(x)))\n"
            "e = torch.exp(z - z.max(dim=1, keepdim=True).values)\n"
            "return e / e.sum(dim=1, keepdim=True)",
        ),
        DD,
        [(8, "relu")],
        "softmax",
    ),
    "relu-as-a-formula": Style(
        net(
            "self.a, self.b = nn.Linear(2, 8), nn.Linear(8, 3)",
            "h = self.a(x)\nh = h * (h > 0)\nreturn self.b(h)",
        ),
        DD,
        [(8, "relu")],
    ),
    "relu-with-clamp-and-maximum": Style(
        net(
            "self.a, self.b, self.c = nn.Linear(2, 8), nn.Linear(8, 8), nn.Linear(8, 3)",
            "h = self.a(x).clamp(min=0)\nh = torch.maximum(self.b(h), torch.tensor(0.0))\n"
            "return self.c(h)",
        ),
        DDD,
        [(8, "relu"), (8, "relu")],
    ),
    "swish-as-a-formula": Style(
        net(
            "self.a, self.b = nn.Linear(2, 8), nn.Linear(8, 3)",
            "h = self.a(x)\nreturn self.b(h * torch.sigmoid(h))",
        ),
        DD,
        [(8, "silu")],
    ),
    "cnn": Style(
        IMAGES
        + "model = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), "
        "nn.MaxPool2d(2), nn.Conv2d(4, 8, 3), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1), "
        "nn.Flatten(), nn.Linear(8, 3))",
        ["conv2d", "conv2d", "dense"],
        [(4, "relu"), (8, "relu")],
        ingredients=["average-pool", "batch-norm", "max-pool"],
    ),
    "functional-cnn": Style(
        IMAGES
        + net(
            "self.a, self.b = nn.Conv2d(1, 4, 3), nn.Conv2d(4, 8, 2)\nself.c = nn.Linear(8, 3)",
            "x = F.max_pool2d(F.relu(self.a(x)), 2)\nx = F.relu(self.b(x)).mean(dim=(2, 3))\n"
            "return self.c(x)",
        ),
        ["conv2d", "conv2d", "dense"],
        [(4, "relu"), (8, "relu")],
        ingredients=["average-pool", "max-pool"],
    ),
    "reshaped-images": Style(
        "inputs = torch.randn(24, 64)\n"
        + net(
            "self.a, self.b = nn.Conv2d(1, 4, 3), nn.Linear(144, 3)",
            "x = self.a(x.view(-1, 1, 8, 8)).relu()\nreturn self.b(x.reshape(x.shape[0], -1))",
        ),
        ["conv2d", "dense"],
        [(4, "relu")],
    ),
    "resnet-block": Style(
        IMAGES
        + net(
            "self.stem = nn.Conv2d(1, 4, 3, padding=1)\n"
            "self.c1, self.b1 = nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4)\n"
            "self.c2, self.b2 = nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4)\n"
            "self.fc = nn.Linear(4, 3)",
            "x = F.relu(self.stem(x))\ny = F.relu(self.b1(self.c1(x)))\n"
            "x = F.relu(self.b2(self.c2(y)) + x)\n"
            "return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))",
        ),
        ["conv2d", "conv2d", "conv2d", "dense"],
        [(4, "relu")] * 3,
        ingredients=["average-pool", "batch-norm", "residual"],
    ),
    "conv1d": Style(
        SERIES
        + net(
            "self.a, self.b = nn.Conv1d(3, 5, 3), nn.Linear(5, 2)",
            "x = torch.relu(self.a(x.permute(0, 2, 1)))\nreturn self.b(x.max(dim=2).values)",
        ),
        ["conv1d", "dense"],
        [(5, "relu")],
        ingredients=["max-pool"],
    ),
    "lstm": Style(
        SERIES
        + net(
            "self.rnn, self.fc = nn.LSTM(3, 7, batch_first=True), nn.Linear(7, 2)",
            "out, _ = self.rnn(x)\nreturn self.fc(out[:, -1])",
        ),
        ["recurrent", "dense"],
        [(7, "tanh")],
    ),
    "bidirectional-gru": Style(
        SERIES
        + net(
            "self.rnn = nn.GRU(3, 7, num_layers=2, dropout=0.2, bidirectional=True, "
            "batch_first=True)\nself.fc = nn.Linear(14, 2)",
            "_, h = self.rnn(x)\nreturn self.fc(F.relu(torch.cat([h[-2], h[-1]], dim=1)))",
        ),
        ["recurrent", "dense"],
        [(14, "relu")],
        ingredients=["concatenate", "dropout"],
    ),
    "embedding-mean": Style(
        WORDS
        + net(
            "self.emb, self.a, self.b = nn.Embedding(20, 5), nn.Linear(5, 4), nn.Linear(4, 1)",
            "x = self.emb(x).mean(dim=1)\nreturn torch.sigmoid(self.b(F.relu(self.a(x))))",
        ),
        ["embedding", "dense", "dense"],
        [(5, "linear"), (4, "relu")],
        "sigmoid",
        ["average-pool"],
    ),
    "embedding-bag": Style(
        WORDS + "model = nn.Sequential(nn.EmbeddingBag(20, 5), nn.Linear(5, 2))",
        ["embedding", "dense"],
        [(5, "linear")],
    ),
    "embedding-lstm": Style(
        WORDS
        + net(
            "self.emb = nn.Embedding(20, 5)\nself.rnn = nn.LSTM(5, 7, batch_first=True)\n"
            "self.fc = nn.Linear(7, 2)",
            "_, (h, c) = self.rnn(self.emb(x))\nreturn self.fc(h[-1])",
        ),
        ["embedding", "recurrent", "dense"],
        [(5, "linear"), (7, "tanh")],
    ),
    "transformer": Style(
        WORDS
        + net(
            "self.emb, self.pos = nn.Embedding(20, 8), nn.Embedding(6, 8)\n"
            "layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)\n"
            "self.encoder = nn.TransformerEncoder(layer, 1)\nself.fc = nn.Linear(8, 2)",
            "p = torch.arange(x.shape[1], device=x.device)\n"
            "x = self.encoder(self.emb(x) + self.pos(p))\nreturn self.fc(x.mean(dim=1))",
        ),
        ["embedding", "embedding", "attention", "dense", "dense", "dense"],
        [(8, "linear"), (8, "linear"), (8, "linear"), (16, "relu"), (8, "linear")],
        ingredients=["average-pool", "dropout", "layer-norm", "residual"],
    ),
    "attention": Style(
        SERIES
        + net(
            "self.a = nn.Linear(3, 8)\n"
            "self.att = nn.MultiheadAttention(8, 2, batch_first=True)\n"
            "self.norm, self.b = nn.LayerNorm(8), nn.Linear(8, 2)",
            "x = self.a(x)\ny, _ = self.att(x, x, x)\nreturn self.b(self.norm(x + y)[:, 0])",
        ),
        ["dense", "attention", "dense"],
        [(8, "linear"), (8, "linear")],
        ingredients=["layer-norm", "residual"],
    ),
    "weight-norm": Style(
        "from torch.nn.utils.parametrizations import weight_norm, spectral_norm\n"
        "model = nn.Sequential(weight_norm(nn.Linear(2, 8)), nn.SELU(), "
        "spectral_norm(nn.Linear(8, 3)))",
        DD,
        [(8, "selu")],
    ),
    "lazy": Style(
        "model = nn.Sequential(nn.LazyLinear(8), nn.Mish(), nn.LazyLinear(3))\nmodel(inputs)",
        DD,
        [(8, "mish")],
    ),
    "frozen-base": Style(
        net(
            "self.base = nn.Sequential(nn.Linear(2, 8), nn.ReLU())\nself.head = nn.Linear(8, 3)\n"
            "for p in self.base.parameters(): p.requires_grad = False",
            "with torch.no_grad():\n    x = self.base(x)\nreturn self.head(x)",
        ),
        DD,
        [(8, "relu")],
    ),
    "scripted": Style(
        "model = torch.jit.script(nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 3)))",
        DD,
        [(8, "relu")],
    ),
    "traced": Style(
        "model = torch.jit.trace(nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 3)), "
        "inputs)",
        DD,
        [(8, "tanh")],
    ),
    "functional-call": Style(
        net(
            "self.inner = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 3))",
            "return torch.func.functional_call(self.inner, dict(self.inner.named_parameters()), x)",
        ),
        DD,
        [(8, "relu")],
    ),
    "in-place": Style(
        net(
            "self.a, self.b = nn.Linear(2, 8), nn.Linear(8, 3)",
            "h = self.a(x)\nF.relu_(h)\nz = self.b(h)\nz += 1.0\nreturn z",
        ),
        DD,
        [(8, "relu")],
    ),
    "prelu-and-dropped-activation": Style(
        net(
            "self.a, self.b, self.c = nn.Linear(2, 8), nn.Linear(8, 3), nn.Linear(3, 3)\n"
            "self.act, self.other = nn.PReLU(), nn.ReLU()",
            "x = self.act(self.a(x))\nx = self.b(x)\nself.other(x)\nreturn x",
        ),
        DD,
        [(8, "prelu")],
        unused=("c (Linear)", "other (ReLU)"),
    ),
    "unused-container": Style(
        net(
            "self.a, self.b = nn.Linear(2, 8), nn.Linear(8, 3)\n"
            "self.head = nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, 3))",
            "return self.b(self.a(x).sigmoid())",
        ),
        DD,
        [(8, "sigmoid")],
        unused=("head (Sequential)",),
    ),
    "two-heads-added": Style(
        net(
            "self.w, self.a, self.b = nn.Linear(2, 1), nn.Linear(2, 8), nn.Linear(8, 1)",
            "deep = self.b(F.relu(self.a(x)))\nreturn deep + self.w(x)",
        ),
        DDD,
        [(8, "relu"), (1, "linear")],
        ingredients=["residual"],
    ),
    "scaled-inside": Style(
        net(
            "self.register_buffer('mean', torch.tensor([0.5, 0.1]))\n"
            "self.a, self.b = nn.Linear(2, 8), nn.Linear(8, 2)",
            "x = (x - self.mean) / 2.0\nreturn self.b(torch.relu(self.a(x)))",
        ),
        DD,
        [(8, "relu")],
    ),
    "features-by-hand": Style(
        net(
            "self.a, self.b = nn.Linear(6, 8), nn.Linear(8, 2)",
            "x = torch.cat([x, x ** 2, torch.sin(x)], dim=1)\nreturn self.b(torch.relu(self.a(x)))",
        ),
        DD,
        [(8, "relu")],
        ingredients=["concatenate"],
    ),
    "attention-by-hand": Style(
        SERIES
        + net(
            "self.q, self.k, self.v, self.o = (nn.Linear(3, 4), nn.Linear(3, 4), nn.Linear(3, 4),"
            " nn.Linear(4, 2))",
            "q, k, v = self.q(x), self.k(x), self.v(x)\n"
            "w = torch.softmax(q @ k.transpose(1, 2) / 2.0, dim=-1)\n"
            "return self.o((w @ v).mean(dim=1))",
        ),
        ["dense"] * 4,
        [(4, "linear")] * 3,
        ingredients=["average-pool"],
    ),
    "ends-in-relu": Style(
        "model = nn.Sequential(nn.Linear(2, 8), nn.CELU(), nn.Linear(8, 3), nn.ReLU())",
        DD,
        [(8, "celu")],
        "relu",
    ),
    "softmax-over-the-rows": Style(
        "model = nn.Sequential(nn.Linear(2, 8), nn.ReLU6(), nn.Linear(8, 3), nn.Softmax(dim=0))",
        DD,
        [(8, "relu6")],
        "softmax",
    ),
    "heads-concatenated": Style(
        net(
            "self.a, self.l, self.r = nn.Linear(2, 8), nn.Linear(8, 1), nn.Linear(8, 2)",
            "h = torch.relu(self.a(x))\nreturn torch.cat([self.l(h), self.r(h)], dim=1)",
        ),
        DDD,
        [(8, "relu"), (1, "linear")],
        ingredients=["concatenate"],
    ),
    "probability-and-its-rest": Style(
        net(
            "self.a, self.b = nn.Linear(2, 8), nn.Linear(8, 1)",
            "p = torch.sigmoid(self.b(torch.relu(self.a(x))))\nreturn torch.cat([1 - p, p], dim=1)",
        ),
        DD,
        [(8, "relu")],
        None,
        ["concatenate"],
    ),
    "one-hot-inputs": Style(
        "inputs = torch.randint(0, 5, (24,))\n"
        + net(
            "self.a, self.b = nn.Linear(5, 8), nn.Linear(8, 2)",
            "x = F.one_hot(x, 5).float()\nreturn self.b(torch.relu(self.a(x)))",
        ),
        DD,
        [(8, "relu")],
    ),
    "mixer": Style(
        net(
            "self.experts = nn.ModuleList(nn.Linear(2, 4) for _ in range(3))\n"
            "self.out = nn.Linear(12, 2)",
            "return self.out(torch.cat([F.relu(e(x)) for e in self.experts], dim=1))",
        ),
        ["dense"] * 4,
        [(4, "relu")] * 3,
        ingredients=["concatenate"],
    ),
    "lstm-cell": Style(
        SERIES
        + net(
            "self.cell, self.fc = nn.GRUCell(3, 5), nn.Linear(5, 2)",
            "h = torch.zeros(len(x), 5)\nfor t in range(2):\n    h = self.cell(x[:, t], h)\n"
            "return self.fc(h)",
        ),
        ["recurrent", "recurrent", "dense"],
        [(5, "tanh"), (5, "tanh")],
    ),
    "autoencoder-like": Style(
        IMAGES + "model = nn.Sequential(nn.Conv2d(1, 4, 2, stride=2), nn.ReLU(), "
        "nn.ConvTranspose2d(4, 2, 2, stride=2), nn.ReLU(), nn.GroupNorm(1, 2), nn.Flatten(), "
        "nn.Linear(128, 2))",
        ["conv2d", "conv-transpose", "dense"],
        [(4, "relu"), (2, "relu")],
    ),
}

"""Networks of the library specs, as MindCV or MindSpore's model zoo build them.

Each row: the spec, a network of it, the Cell in MindSpore (``mindcv.models`` as ``models``, Cells
of generate_zoo.py by name), and the input outputs are compared for (None: the table alone).
"""

ZOO = {
    "AlexNet": ("alexnet.spec", "AlexNet()", "AlexNet()", None),
    "Vgg16Bn": ("vgg.spec", "Vgg16Bn()", "VGG('vgg16', batch_norm=True)", None),
    "ResNet18": ("resnet.spec", "ResNet18(10)", "models.resnet18(num_classes=10)", (2, 3, 64, 64)),
    "ResNet34": ("resnet.spec", "ResNet34()", "models.resnet34()", None),
    "ResNet50": ("resnet.spec", "ResNet50(10)", "models.resnet50(num_classes=10)", (2, 3, 64, 64)),
    "ResNet101": ("resnet.spec", "ResNet101()", "models.resnet101()", None),
    "ResNet152": ("resnet.spec", "ResNet152()", "models.resnet152()", None),
    "ResNeXt50": (
        "resnet.spec",
        "ResNeXt50(10)",
        "models.resnext50_32x4d(num_classes=10)",
        (2, 3, 64, 64),
    ),
    "SEResNet18": (
        "seresnet.spec",
        "SEResNet18(10)",
        "models.seresnet18(num_classes=10)",
        (2, 3, 64, 64),
    ),
    "SEResNet50": (
        "seresnet.spec",
        "SEResNet50(10)",
        "models.seresnet50(num_classes=10)",
        (2, 3, 64, 64),
    ),
    "SEResNeXt50": (
        "seresnet.spec",
        "SEResNeXt50()",
        "models.seresnext50_32x4d()",
        None,
    ),
    "EfficientNetB0": (
        "efficientnet.spec",
        "EfficientNetB0(10)",
        "models.efficientnet_b0(num_classes=10)",
        (2, 3, 64, 64),
    ),
    "InceptionV3": (
        "inception.spec",
        "InceptionV3(10)",
        "models.inception_v3(num_classes=10)",
        (1, 3, 107, 107),
    ),
    "MobileNetV2": (
        "mobilenet.spec",
        "MobileNetV2(10)",
        "models.mobilenet_v2_100(num_classes=10)",
        (2, 3, 64, 64),
    ),
    "MobileNetV3Large": (
        "mobilenet.spec",
        "MobileNetV3Large(10)",
        "models.mobilenet_v3_large_100(num_classes=10)",
        (2, 3, 64, 64),
    ),
    "MobileNetV3Small": (
        "mobilenet.spec",
        "MobileNetV3Small(10)",
        "models.mobilenet_v3_small_100(num_classes=10)",
        (2, 3, 64, 64),
    ),
    "DenseNet121": (
        "densenet.spec",
        "DenseNet121(10)",
        "models.densenet121(num_classes=10)",
        (2, 3, 64, 64),
    ),
    "ShuffleNetV2": (
        "shufflenet.spec",
        "ShuffleNetV2(num_classes = 10)",
        "models.shufflenet_v2_x1_0(num_classes=10)",
        (2, 3, 64, 64),
    ),
    "ConvNeXt": (
        "convnext.spec",
        "ConvNeXt(num_classes = 10)",
        "models.convnext_tiny(num_classes=10)",
        (2, 3, 64, 64),
    ),
    "ViTB16": ("vit.spec", "ViTB16()", "models.vit_b_16_224()", None),
    "ViT": (
        "vit.spec",
        "ViT(size = 64, dim = 96, depth = 3, heads = 4, num_classes = 10)",
        "VisionTransformer(image_size=64, embed_dim=96, depth=3, num_heads=4, num_classes=10)",
        (2, 3, 64, 64),
    ),
    "SqueezeNet": (
        "../examples/ports/squeezenet.spec",
        "SqueezeNet(10)",
        "models.squeezenet1_1(num_classes=10)",
        (2, 3, 64, 64),
    ),
    "MlpMixer": (
        "../examples/ports/mlp_mixer.spec",
        "MlpMixer(2, 16, 4, 48, 24, 96, 10)",
        "models.mlpmixer.MLPMixer(2, 16, 16, 48, 24, 96, 10)",
        (2, 3, 64, 64),
    ),
    "PoolFormer": (
        "../examples/ports/poolformer.spec",
        "PoolFormer(num_classes = 10)",
        "models.poolformer_s12(num_classes=10)",
        (2, 3, 64, 64),
    ),
    "GhostNet": (
        "../examples/ports/ghostnet.spec",
        "GhostNet(10)",
        "models.ghostnet_100(num_classes=10)",
        (2, 3, 64, 64),
    ),
    "RepVGG": (
        "../examples/ports/repvgg.spec",
        "RepVGG(num_classes = 10)",
        "models.repvgg_a0(num_classes=10)",
        (2, 3, 64, 64),
    ),
    "UNet": ("unet.spec", "UNet(3)", "UNet(3)", (2, 1, 32, 32)),
    "Siamese": ("siamese.spec", "Siamese()", "Siamese()", [(2, 1, 28, 28), (2, 1, 28, 28)]),
    "WideDeep": ("wide_deep.spec", "WideDeep()", "WideDeep()", [(4, 5, 50), (4, 5, 0)]),
    "LstmClassifier": (
        "sequences.spec",
        "LstmClassifier()",
        "LstmClassifier()",
        [(3, 12, 1000)],
    ),
    "GruTagger": ("sequences.spec", "GruTagger()", "GruTagger()", [(3, 12, 1000)]),
    "BertBase": ("bert.spec", "Bert()", "Bert()", None),
    "Bert": (
        "bert.spec",
        "Bert(100, 48, 2, 4, 96, length = 10, positions = 16)",
        "Bert(vocab=100, size=48, layers=2, heads=4, inner=96, positions=16)",
        [(3, 10, 100), (3, 10, 2), (3, 10, -1)],
    ),
    "TransformerBase": ("transformer.spec", "Transformer()", "Transformer()", None),
    "Transformer": (
        "transformer.spec",
        "Transformer(100, 48, 2, 4, 96, 12, 12)",
        "Transformer(100, 48, 2, 4, 96, 12)",
        [(2, 12, 100), (2, 12, 100)],
    ),
}
WHOLE = ("WideDeep", "LstmClassifier", "GruTagger", "Bert", "Transformer")
"""Networks with inputs of integers: the last item says below what (inputs.images)."""


APPENDED = ("MlpMixer",)
"""Networks that append cells to a SequentialCell after it got its name: MindSpore then guesses a
prefix from the names so far and gets ``0.token_mix.1.token_mix.0.gamma``; the spec's are plain."""

SOURCES = {
    "alexnet.spec": ["AlexNet"],
    "vgg.spec": ["vgg"],
    "resnet.spec": ["resnet"],
    "seresnet.spec": ["senet", "layers.squeeze_excite"],
    "efficientnet.spec": ["efficientnet", "layers.squeeze_excite"],
    "inception.spec": ["inceptionv3"],
    "mobilenet.spec": ["mobilenetv2", "mobilenetv3", "layers.squeeze_excite"],
    "densenet.spec": ["densenet"],
    "shufflenet.spec": ["shufflenetv2"],
    "convnext.spec": ["convnext"],
    "vit.spec": ["vit", "layers.mlp", "layers.patch_embed"],
    "../examples/ports/squeezenet.spec": ["squeezenet"],
    "../examples/ports/mlp_mixer.spec": ["mlpmixer"],
    "../examples/ports/poolformer.spec": ["poolformer"],
    "../examples/ports/ghostnet.spec": ["ghostnet"],
    "../examples/ports/repvgg.spec": ["repvgg"],
    "unet.spec": ["UNet", "Up", "_double"],
    "siamese.spec": ["Siamese"],
    "wide_deep.spec": ["WideDeep"],
    "sequences.spec": ["LstmClassifier", "GruTagger"],
    "bert.spec": [
        *("_heads", "_joined", "BertAttention", "BertOutput", "BertSelfAttention", "BertEncoder"),
        *("BertTransformer", "BertEmbeddings", "Bert"),
    ],
    "transformer.spec": [
        *("_heads", "_joined", "Attention", "FeedForward", "EncoderLayer", "DecoderLayer"),
        "Transformer",
    ],
}
"""What each spec is the port of: a module of MindCV, or names of generate_zoo.py."""

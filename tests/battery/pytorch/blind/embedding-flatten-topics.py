"""Topic of a sentence of eight words. Each topic has ten words of its own."""
import numpy as np
import torch
import torch.nn as nn

VOCABULARY, LENGTH, TOPICS = 30, 8, 3

rng = np.random.default_rng(6)
torch.manual_seed(5)


def make_sentences(n):
    topic = rng.integers(0, TOPICS, size=n)
    own = topic[:, None] * 10 + rng.integers(0, 10, size=(n, LENGTH))
    other = rng.integers(0, VOCABULARY, size=(n, LENGTH))
    words = np.where(rng.random((n, LENGTH)) < 0.9, own, other)
    return torch.from_numpy(words), torch.from_numpy(topic)


class TopicClassifier(nn.Module):
    def __init__(self, embedding_dim=6, hidden=16):
        super(TopicClassifier, self).__init__()
        self.embedding = nn.Embedding(VOCABULARY, embedding_dim)
        self.hidden = nn.Linear(LENGTH * embedding_dim, hidden)
        self.activation = nn.Tanh()
        self.classifier = nn.Linear(hidden, TOPICS)

    def forward(self, words):
        vectors = self.embedding(words)
        flat = vectors.view(words.size(0), -1)
        return self.classifier(self.activation(self.hidden(flat)))


train_words, train_topics = make_sentences(320)
test_words, test_topics = make_sentences(80)

classifier = TopicClassifier()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.AdamW(classifier.parameters(), lr=0.01, weight_decay=0.1)

dataset = torch.utils.data.TensorDataset(train_words, train_topics)
loader = torch.utils.data.DataLoader(dataset, batch_size=32, shuffle=True)

for epoch in range(1, 10):
    total = 0
    for words, topics in loader:
        optimizer.zero_grad()
        loss = criterion(classifier(words), topics)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(words)
    if epoch % 3 == 0:
        print("epoch", epoch, "loss", round(total / len(dataset), 4))

classifier.eval()
with torch.no_grad():
    guessed = classifier(test_words).argmax(-1)
print("right:", int((guessed == test_topics).sum()), "of", len(test_topics))

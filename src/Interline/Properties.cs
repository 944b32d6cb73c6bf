using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Interline.Tests")]
[assembly: InternalsVisibleTo("Interline.Storage.Tests")]

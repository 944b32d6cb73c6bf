using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Interline.Server.Tests")]
